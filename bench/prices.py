"""List prices, in US dollars: us-east-1, arm64, on demand, without free tiers and discounts.

Read on 2026-11-22, where no other day is named, off the services' pricing pages; check them before
you decide by them.
"""

from __future__ import annotations

MILLION = 1_000_000

# https://aws.amazon.com/dynamodb/pricing/on-demand/
WRITE_UNIT = 0.625 / MILLION
READ_UNIT = 0.125 / MILLION
TABLE_GB_MONTH = 0.25
# By the hour, as others cite https://aws.amazon.com/dynamodb/pricing/provisioned/ : not read there.
WRITE_UNIT_HOUR = 0.00065
READ_UNIT_HOUR = 0.00013
RECOVERY_GB_MONTH = 0.20

# https://aws.amazon.com/api-gateway/pricing/
HTTP_API_REQUEST = 1.00 / MILLION

# https://aws.amazon.com/lambda/pricing/
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GB_SECOND = 0.0000133334

# SnapStart, as others cite the price list: a cached version, each restoring of it; by its memory.
SNAPSTART_GB_SECOND = 0.0000015046
SNAPSTART_RESTORED_GB = 0.0001397998

# https://aws.amazon.com/sqs/pricing/ : requests that carry a message group on a standard queue,
# and those that receive and delete such messages, cost the fair queues' surcharge too.
SQS_REQUEST = 0.40 / MILLION
SQS_FAIR_SURCHARGE = 0.10 / MILLION

# https://aws.amazon.com/cloudwatch/pricing/
LOG_GB = 0.50
LOG_GB_MONTH = 0.03
METRIC_MONTH = 0.30
ALARM_MONTH = 0.10
DASHBOARD_MONTH = 3.00

# https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer
TRANSFER_OUT_GB = 0.09

# https://aws.amazon.com/kms/pricing/ and https://aws.amazon.com/secrets-manager/pricing/
KMS_KEY_MONTH = 1.00
SECRET_MONTH = 0.40

# -- What the same costs elsewhere ----------------------------------------------------------------

# https://aws.amazon.com/eventbridge/pricing/ : a custom event, and an invocation each endpoint.
EVENTBRIDGE_EVENT = 1.00 / MILLION
EVENTBRIDGE_INVOCATION = 0.20 / MILLION

# https://www.svix.com/pricing/ , read on 2026-09-20: a message beyond the 50,000 of the plan, which
# is $490 a month for 90 days of log. A message goes to all endpoints of an application.
SVIX_MESSAGE = 100.00 / MILLION

# https://hookdeck.com/pricing , read on 2026-09-20: an event beyond the plan's 10,000, one for each
# endpoint, at the first million and at the largest volumes. 30 days of log: a plan of $499 a month.
HOOKDECK_EVENT = 10.00 / MILLION
HOOKDECK_EVENT_AT_VOLUME = 3.30 / MILLION

# -- Servers of one's own, us-east-1, by the hour; of 2026, off other people's lists ---------------

SERVER_HOUR = 0.0816
"""EC2 m7g.large: 2 vCPU, 8 GB."""
BALANCER_HOUR = 0.0225
"""An Application Load Balancer, without its capacity units."""
DATABASE_HOUR = 0.168
"""RDS for PostgreSQL, db.m7g.large: 2 vCPU. A standby is as much again, the next size twice."""
DATABASE_GB_MONTH = 0.115
"""gp3, and again for the standby."""
CACHE_HOUR = 0.032
"""ElastiCache, cache.t4g.small."""

# The plans that the comparison needs, by the month.
SVIX_PLAN = 490.0
SVIX_PLAN_MESSAGES = 50_000
HOOKDECK_PLAN = 499.0
