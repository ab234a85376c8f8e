"""Deliveries that wait in DynamoDB: releasing, ending and recovering them."""
