"""Examples of requests and responses. A test validates them against the schemas."""

from typing import Any

ID = "0b6f7a52-6a3c-4f5e-9a55-0f2f8f0a3c1d"
_URL = f"https://images.example.com/api/v1/batches/{ID}"

Example = dict[str, Any]

ROW: Example = {"prompt": "a red fox in the snow", "name": "fox", "ratio": "16:9", "quality": "medium"}
NEW_BATCH: Example = {
    "prompts": ["a lighthouse at dawn", ROW],
    "names": ["lighthouse"],
    "style": "watercolour",
    "quality": "low",
    "format": "png",
    "ratio": "1:1",
    "title": "Postcards",
    "references": [],
}
SUBMITTED: Example = {
    "id": ID,
    "status": "queued",
    "total": 2,
    "credits": {"needed": 3, "left": 247},
    "url": _URL,
}
BILL: Example = {
    "total": 2,
    "credits": {"needed": 3, "left": 250},
    "reference_credits": 0,
    "seconds": 24.0,
    "refusal": None,
    "images": [
        {"position": 1, "prompt": "a lighthouse at dawn", "name": "lighthouse.png", "credits": 1},
        {"position": 2, "prompt": "a red fox in the snow", "name": "fox.png", "credits": 2},
    ],
}
SUMMARY: Example = {
    "id": ID,
    "title": "Postcards",
    "status": "running",
    "total": 2,
    "ready": 1,
    "failed": 0,
    "waiting": 1,
    "created_at": "2026-11-21T10:15:00Z",
    "finished_at": None,
}
BATCH: Example = {
    **SUMMARY,
    "images": [
        {
            "position": 1, "kind": "image", "origin": None, "is_edit": False, "version": 1, "verdict": "keep",
            "references": 0, "prompt": "a lighthouse at dawn", "name": "lighthouse.png", "status": "ready",
            "error": None, "credits": 1, "width": 1024, "height": 1024, "seconds": None, "bytes": 1480212,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "url": f"{_URL}/images/1",
        },
        {
            "position": 2, "kind": "image", "origin": None, "is_edit": False, "version": 1, "verdict": "",
            "references": 0, "prompt": "a red fox in the snow", "name": "fox.png", "status": "generating",
            "error": None, "credits": 0, "width": None, "height": None, "seconds": None,
            "bytes": None, "sha256": "", "url": None,
        },
    ],
}  # fmt: skip
VERDICTS: Example = {"1": "keep", "2": "reject"}
AGAIN: Example = {"prompt": "a lighthouse at dusk", "quality": "medium"}
NEW_VERSION: Example = {"position": 3, "name": "lighthouse_v2.png", "credits": 2, "url": f"{_URL}/images/3"}
REFERENCES: Example = {"references": ["5d2a8f70-1f0e-4c4b-9a3e-7b1f6a1c2d3e"]}
FOR_THE_REST: Example = {
    "images": 12,
    "credits": 24,
    "number": 2,
    "style": "same style as image 2, other content",
}
REFERENCE: Example = {"id": "5d2a8f70-1f0e-4c4b-9a3e-7b1f6a1c2d3e", "width": 768, "height": 1024, "bytes": 143912}
PAGE: Example = {"items": [SUMMARY], "count": 1, "page": 1, "pages": 1}
MODELS: Example = {
    "models": [
        {
            "code": "gpt-image-2.5-flare",
            "label": "Flare",
            "hint": "Fast and inexpensive: the usual choice",
            "makes": "image",
            "formats": ["png", "jpg"],
            "ratios": ["1:1", "9:16", "16:9"],
            "seconds": [],
            "qualities": [{"quality": "low", "credits": 1}, {"quality": "medium", "credits": 2}],
            "reference_credits": 2,
            "sizes": {"1:1": "1024x1024", "9:16": "864x1536", "16:9": "1536x864"},
            "retires_on": None,
        }
    ]
}
ACCOUNT: Example = {
    "email": "alice@example.org",
    "plan": "starter",
    "credits_left": 247,
    "today": {"used": 3, "limit": 200},
}
USAGE: Example = {
    "days": [{"date": "2026-11-21", "requests": 120, "images": 40, "credits": 55}],
    "totals": {"requests": 120, "images": 40, "credits": 55},
}
