"""HTTP for programs: translate a request, call one operation, translate back."""
