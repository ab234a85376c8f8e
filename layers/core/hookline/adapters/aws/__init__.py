"""The AWS services beside DynamoDB: clients, keys, queues, functions."""
