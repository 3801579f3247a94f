"""Errors as Replicate answers them: problem documents."""

from django.http import JsonResponse


class ProblemError(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, title: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.problem = {"title": title, "detail": detail, "status": status}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def response(self) -> JsonResponse:
        """The error as it is sent."""
        return JsonResponse(
            self.problem, status=self.status, content_type="application/problem+json", headers=self.headers
        )


def unauthenticated() -> ProblemError:
    """The token is missing or unknown."""
    return ProblemError(401, "Unauthenticated", "You did not pass a valid authentication token")


def real_token() -> ProblemError:
    """The site has a token of the real Replicate."""
    return ProblemError(403, "Not served", "REPLICATE_API_TOKEN is set: this site uses the real Replicate.")


def not_found() -> ProblemError:
    """There is no such object."""
    return ProblemError(404, "Not found", "The requested resource could not be found.")


def no_money() -> ProblemError:
    """The account has no credit."""
    detail = "You have insufficient credit to run this model. Go to https://replicate.com/account/billing to buy some."
    return ProblemError(402, "Insufficient credit", detail)


def throttled(seconds: float) -> ProblemError:
    """Too many predictions a minute."""
    detail = f"Request was throttled. Your rate limit resets in ~{seconds:g}s."
    return ProblemError(429, "Too many requests", detail, Retry_After=f"{seconds:g}")


def fault() -> ProblemError:
    """A fault of the server."""
    return ProblemError(500, "Internal server error", "There was an error processing your request.")


def overloaded(seconds: float) -> ProblemError:
    """The server has too much to do."""
    return ProblemError(503, "Service unavailable", "Please try again later.", Retry_After=f"{seconds:g}")
