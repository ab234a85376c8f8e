"""What the functions with a public way in need beside `Stack`, built as lazily."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from hookline.adapters.stack import Stack

if TYPE_CHECKING:
    from hookline.adapters.aws.body_bucket import BodyBucket
    from hookline.adapters.dynamo.identity.principals import DynamoPrincipals
    from hookline.adapters.dynamo.inbound.messages import DynamoMessages
    from hookline.domain.inbound.signatures import Fetch
    from hookline.ports.events import EventTypes
    from hookline.ports.identity import ApiKeys, WebhookRights
    from hookline.ports.inbound import (
        FunctionChanges,
        InboundConfigurations,
        InboundTimers,
        Invocations,
        MessageLog,
        MessageRuns,
        NewMessages,
        PendingMessages,
        ProviderChanges,
        ProviderVault,
        SeenSignatures,
    )
    from hookline.ports.operations import Operations
    from hookline.ports.requests import Allotments, IdempotencyRecords
    from hookline.ports.sending import DeadLetters


class InboundStack(Stack):
    """With what takes calls of third parties, and works on them.

    ``invoke_timeout`` is how long a Lambda function of a user's is waited for.
    """

    def __init__(
        self, settings: Any, *, invoke_timeout: timedelta = timedelta(seconds=12), **others: Any
    ) -> None:
        super().__init__(settings, **others)
        self.invoke_timeout = invoke_timeout

    @cached_property
    def event_types(self) -> EventTypes:
        from hookline.adapters.dynamo.event.event_types import DynamoEventTypes

        return DynamoEventTypes(self.dynamodb, self.settings.event_types_table)

    @cached_property
    def allotments(self) -> Allotments:
        from hookline.adapters.dynamo.identity.allotments import DynamoAllotments

        return DynamoAllotments(self.dynamodb, self.settings.schedule_table)

    @cached_property
    def configurations(self) -> InboundConfigurations:
        from hookline.adapters.dynamo.inbound.configurations import DynamoInboundConfigurations

        return DynamoInboundConfigurations(self.dynamodb, self.settings.inbound_providers_table)

    @cached_property
    def new_messages(self) -> NewMessages:
        return self.messages

    @cached_property
    def message_runs(self) -> MessageRuns:
        return self.messages

    @cached_property
    def message_log(self) -> MessageLog:
        return self.messages

    @cached_property
    def pending_messages(self) -> PendingMessages:
        return self.messages

    @cached_property
    def messages(self) -> DynamoMessages:
        from hookline.adapters.dynamo.inbound.messages import DynamoMessages

        return DynamoMessages(
            self.dynamodb, self.settings.inbound_messages_table, self.clock, self.bodies
        )

    @cached_property
    def bodies(self) -> BodyBucket:
        from hookline.adapters.aws.body_bucket import BodyBucket

        return BodyBucket(cache(self.clients.s3), self.settings.inbound_bodies_bucket)

    @cached_property
    def seen_signatures(self) -> SeenSignatures:
        from hookline.adapters.dynamo.inbound.signatures import DynamoSeenSignatures

        return DynamoSeenSignatures(self.dynamodb, self.settings.inbound_signatures_table)

    @cached_property
    def provider_vault(self) -> ProviderVault:
        from hookline.adapters.aws.kms import KmsVault
        from hookline.domain.inbound.provider import ProviderSecrets

        return KmsVault(self.sealer, "provider", ProviderSecrets)

    @cached_property
    def inbound_queue(self) -> InboundTimers:
        from hookline.adapters.aws.work_queues import SqsInboundQueue

        return SqsInboundQueue(self.queue(self.settings.inbound_queue_url))

    @cached_property
    def inbound_dead_letters(self) -> DeadLetters:
        return self._dead_letters(self.settings.inbound_dead_letter_queue_url)

    @cached_property
    def allowed_functions(self) -> frozenset[str]:
        """The Lambda functions of users that this stack may invoke, by their ARNs."""
        return frozenset(self.settings.invoke_function_arns)

    @cached_property
    def invocations(self) -> Invocations:
        from hookline.adapters.aws.lambda_invoke import LambdaInvocations

        client = self.clients.lambdas(self.invoke_timeout, connections=self.threads)
        return LambdaInvocations(client, self.allowed_functions)

    @cached_property
    def fetch(self) -> Fetch:
        from hookline.adapters.fetched_documents import FetchedDocuments

        return FetchedDocuments(self.clock)


class ApiStack(InboundStack):
    """With who may do what, which the API alone asks and changes."""

    @cached_property
    def operations(self) -> Operations:
        from hookline.adapters.aws.operations import AwsOperations

        prefix = f"hookline-{self.settings.stage}-"
        cloudwatch = self.clients.cloudwatch()
        return AwsOperations(self.sqs, cloudwatch, self.dynamodb, prefix, self.clock)

    @cached_property
    def principals(self) -> DynamoPrincipals:
        from hookline.adapters.dynamo.identity.principals import DynamoPrincipals

        return DynamoPrincipals(self.dynamodb, self.settings.principals_table)

    @cached_property
    def keys(self) -> ApiKeys:
        from hookline.adapters.dynamo.identity.principals import DynamoApiKeys

        return DynamoApiKeys(self.dynamodb, self.settings.principals_table)

    @cached_property
    def rights(self) -> WebhookRights:
        from hookline.adapters.dynamo.identity.webhook_rights import DynamoWebhookRights

        table = self.settings.principals_table
        return DynamoWebhookRights(self.dynamodb, table, self.batches)

    @cached_property
    def idempotency(self) -> IdempotencyRecords:
        from hookline.adapters.dynamo.identity.idempotency import DynamoIdempotencyRecords

        return DynamoIdempotencyRecords(self.settings.idempotency_table, self.randomness)

    @cached_property
    def provider_changes(self) -> ProviderChanges:
        from hookline.adapters.dynamo.inbound.changes import DynamoProviderChanges

        return DynamoProviderChanges(self.dynamodb, self.settings.inbound_providers_table)

    @cached_property
    def function_changes(self) -> FunctionChanges:
        from hookline.adapters.dynamo.inbound.changes import DynamoFunctionChanges

        return DynamoFunctionChanges(self.dynamodb, self.settings.inbound_providers_table)

    @cached_property
    def root_secret(self) -> Callable[[], str]:
        return self._secret(self.settings.root_key_secret_arn)

    @cached_property
    def signing_key(self) -> Callable[[], str]:
        return self._secret(self.settings.signing_key_secret_arn)

    def _secret(self, arn: str) -> Callable[[], str]:
        from hookline.adapters.aws.secrets import StackSecret

        return StackSecret(self.clients.secretsmanager(), arn, self.clock)
