"""The API's Lambda function: translates HTTP requests into calls of services and back."""
