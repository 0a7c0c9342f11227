# Events for gitops-reloader: rules for changed secrets, the queue they go to, dead-letter queues, alarms, and the policy of
# the service. One of these for each account and region that has secrets. The same as templates/cloudformation.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_arn" "queue" {
  arn = aws_sqs_queue.queue.arn
}

locals {
  # AWS tells the first by itself and for nothing: a label moved to another version. The second needs a trail.
  event_patterns = {
    labels = {
      source        = ["aws.secretsmanager"]
      "detail-type" = ["Secret Label Updated"]
    }
    cloudtrail = {
      source        = ["aws.secretsmanager"]
      "detail-type" = ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"]
      detail = {
        eventSource = ["secretsmanager.amazonaws.com"]
        eventName = [
          "PutSecretValue",
          "UpdateSecret",
          "UpdateSecretVersionStage",
          "CreateSecret",
          "RotationSucceeded",
          "RotationFailed",
          "RotationAbandoned",
          "ReplicationSucceeded",
        ]
        errorCode = [{ exists = false }]
      }
    }
  }

  descriptions = {
    labels     = "A label of a secret moved to another version."
    cloudtrail = "A call that may have changed a secret, or the end of a rotation, as CloudTrail has it."
  }

  rules     = toset(var.cloudtrail_rule ? ["labels", "cloudtrail"] : ["labels"])
  rule_arns = [for rule in aws_cloudwatch_event_rule.rule : rule.arn]
  key_arn   = var.customer_key ? aws_kms_key.queues[0].arn : null
}

resource "aws_kms_key" "queues" {
  count = var.customer_key ? 1 : 0

  description         = "Messages of the queues of ${var.name}"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.key.json
}

# The numbers belong together. A message that cannot be handled comes back after 15 s, 30 s, ... and then every 15 minutes, or up to a quarter later;
# one that needs a person after 1 min, 2 min, ... and then every hour. So 300 deliveries outlast
#   a Git host that is down for   945 s + 293 * 900 s  = 264,645 s   = 73 hours, and give up on what needs a person after
#                               3,780 s + 294 * 3600 s = 1,062,180 s = 12 days and 7 hours.
# The 14 days are counted from when the message was sent, in the dead-letter queue too: 40 hours are left to redrive it.
resource "aws_sqs_queue" "queue" {
  name                       = var.name
  message_retention_seconds  = 1209600
  visibility_timeout_seconds = 120
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.customer_key ? null : true
  kms_master_key_id          = local.key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 300
  })
}

# What the service could not handle.
resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.customer_key ? null : true
  kms_master_key_id         = local.key_arn
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.queue.arn]
  })
}

# What EventBridge could not deliver to the queue.
resource "aws_sqs_queue" "rule_dead_letters" {
  name                      = "${var.name}-rule-dead-letters"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.customer_key ? null : true
  kms_master_key_id         = local.key_arn
}

resource "aws_sqs_queue_redrive_allow_policy" "rule_dead_letters" {
  queue_url = aws_sqs_queue.rule_dead_letters.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "denyAll"
  })
}

# A queue has one policy: another module must not set it again.
resource "aws_sqs_queue_policy" "queue" {
  queue_url = aws_sqs_queue.queue.id
  policy    = data.aws_iam_policy_document.queue.json
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.id
  policy    = data.aws_iam_policy_document.dead_letters.json
}

resource "aws_sqs_queue_policy" "rule_dead_letters" {
  queue_url = aws_sqs_queue.rule_dead_letters.id
  policy    = data.aws_iam_policy_document.rule_dead_letters.json
}

resource "aws_cloudwatch_event_rule" "rule" {
  for_each = local.rules

  name          = "${var.name}-${each.key}"
  description   = local.descriptions[each.key]
  event_pattern = jsonencode(local.event_patterns[each.key])
}

# After the policies, for an event that EventBridge may not deliver is not tried again.
resource "aws_cloudwatch_event_target" "queue" {
  for_each   = local.rules
  depends_on = [aws_sqs_queue_policy.queue, aws_sqs_queue_policy.rule_dead_letters]

  rule      = aws_cloudwatch_event_rule.rule[each.key].name
  target_id = "queue"
  arn       = aws_sqs_queue.queue.arn

  dead_letter_config {
    arn = aws_sqs_queue.rule_dead_letters.arn
  }

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}

resource "aws_iam_policy" "service" {
  name_prefix = "${var.name}-"
  description = "Consume the queue and describe secrets; never read a value."
  policy      = data.aws_iam_policy_document.service.json
}

resource "aws_iam_role_policy_attachment" "service" {
  count = var.service_role_name == "" ? 0 : 1

  role       = var.service_role_name
  policy_arn = aws_iam_policy.service.arn
}
