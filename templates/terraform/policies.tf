# EventBridge needs both actions, on the dead-letter queues too: without them events are lost in silence. The managed key
# alias/aws/sqs cannot grant them. AWS documents aws:SourceArn for queues, not for their key: here the account is asked for.
data "aws_iam_policy_document" "key" {
  version = "2012-10-17"

  statement {
    sid       = "AccountDecides"
    effect    = "Allow"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  statement {
    sid       = "EventsEncrypt"
    effect    = "Allow"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

# Whoever may send to the queue decides what the service looks at: the rules of this module and nobody else.
data "aws_iam_policy_document" "queue" {
  version = "2012-10-17"

  statement {
    sid       = "EventsSend"
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.queue.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = local.rule_arns
    }
  }

  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.queue.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "dead_letters" {
  version = "2012-10-17"

  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.dead_letters.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

data "aws_iam_policy_document" "rule_dead_letters" {
  version = "2012-10-17"

  statement {
    sid       = "EventsSend"
    effect    = "Allow"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.rule_dead_letters.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = local.rule_arns
    }
  }

  statement {
    sid       = "OnlyTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.rule_dead_letters.arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

# All that the service may do; templates/iam/policy.json with the names of this module.
data "aws_iam_policy_document" "service" {
  version = "2012-10-17"

  statement {
    sid       = "ConsumeQueue"
    effect    = "Allow"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.queue.arn]
  }

  statement {
    sid       = "DescribeSecrets"
    effect    = "Allow"
    actions   = ["secretsmanager:DescribeSecret"]
    resources = ["arn:${data.aws_arn.queue.partition}:secretsmanager:${data.aws_arn.queue.region}:${data.aws_arn.queue.account}:secret:${var.secret_names}-??????"]
  }

  # For `find`; AWS knows no narrower resource for it. Names, tags and version ids, never a value.
  statement {
    sid       = "ListSecrets"
    effect    = "Allow"
    actions   = ["secretsmanager:ListSecrets"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [data.aws_arn.queue.region]
    }
  }

  # AWS knows this action for no single parameter.
  statement {
    sid       = "DescribeParameters"
    effect    = "Allow"
    actions   = ["ssm:DescribeParameters"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = [data.aws_arn.queue.region]
    }
  }

  dynamic "statement" {
    for_each = length(var.describe_role_arns) > 0 ? ["roles"] : []

    content {
      sid       = "AssumeDescribeRoles"
      effect    = "Allow"
      actions   = ["sts:AssumeRole"]
      resources = var.describe_role_arns
    }
  }

  dynamic "statement" {
    for_each = var.customer_key ? ["key"] : []

    content {
      sid       = "ReadQueueKey"
      effect    = "Allow"
      actions   = ["kms:Decrypt"]
      resources = [local.key_arn]
    }
  }

  statement {
    sid    = "NeverReadValues"
    effect = "Deny"
    actions = [
      "secretsmanager:GetSecretValue",
      "secretsmanager:BatchGetSecretValue",
      "ssm:GetParameter",
      "ssm:GetParameters",
      "ssm:GetParametersByPath",
      "ssm:GetParameterHistory",
    ]
    resources = ["*"]
  }
}
