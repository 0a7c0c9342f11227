locals {
  alarm_actions = var.alarm_topic_arn == "" ? [] : [var.alarm_topic_arn]

  queue_alarms = {
    # Nobody consumes. SQS starts the age of a message anew after each third delivery, so that messages which are tried again
    # and again stay below an hour: those are what the next alarm is for.
    "oldest-message" = {
      description = "Messages wait for an hour: nobody consumes the queue. See whether the service runs and is ready."
      queue       = aws_sqs_queue.queue.name
      metric      = "ApproximateAgeOfOldestMessage"
      statistic   = "Maximum"
      period      = 300
      periods     = 3
      threshold   = 3600
    }
    "held-messages" = {
      description = "For four hours there was always a message in hand or waiting to be tried again. See the service's log: a Git host, AWS or a permission fails."
      queue       = aws_sqs_queue.queue.name
      metric      = "ApproximateNumberOfMessagesNotVisible"
      statistic   = "Minimum"
      period      = 3600
      periods     = 4
      threshold   = 1
    }
    "dead-letters" = {
      description = "The service gave up on messages. Mend what its log names, then redrive them: they expire 14 days after they were sent."
      queue       = aws_sqs_queue.dead_letters.name
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      threshold   = 1
    }
    "rule-dead-letters" = {
      description = "EventBridge could not deliver events to the queue. See the attribute ERROR_CODE of a message: most often the policy of the queue or of its key."
      queue       = aws_sqs_queue.rule_dead_letters.name
      metric      = "ApproximateNumberOfMessagesVisible"
      statistic   = "Maximum"
      period      = 300
      periods     = 1
      threshold   = 1
    }
  }

  # EventBridge tells these two only where they are not zero, so each has an alarm of its own.
  rule_metrics = {
    failed = {
      metric      = "FailedInvocations"
      description = "EventBridge gave up on delivering events. See the policy of the queue and of its key, then the rule's dead-letter queue."
    }
    lost = {
      metric      = "InvocationsFailedToBeSentToDlq"
      description = "Events are lost: neither the queue nor the rule's dead-letter queue took them. See the policies of both and of their key."
    }
  }

  rule_alarms = {
    for pair in setproduct(local.rules, keys(local.rule_metrics)) :
    "${pair[0]}-${pair[1]}" => merge(local.rule_metrics[pair[1]], { rule = pair[0] })
  }
}

resource "aws_cloudwatch_metric_alarm" "queue" {
  for_each = local.queue_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/SQS"
  metric_name         = each.value.metric
  dimensions          = { QueueName = each.value.queue }
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

resource "aws_cloudwatch_metric_alarm" "rule" {
  for_each = local.rule_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Events"
  metric_name         = each.value.metric
  dimensions          = { RuleName = aws_cloudwatch_event_rule.rule[each.value.rule].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}
