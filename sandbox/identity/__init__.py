"""An imitation of Google's and Microsoft's sign-in: users type who they are."""
