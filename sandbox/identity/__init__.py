"""Google's and Microsoft's sign-in, played: whoever opens the page says who they are."""
