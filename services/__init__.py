"""The path of one article, as pseudo-code.

    feed due
      -> fetcher.adapters.http      conditional GET                        (304: done, counted `unchanged`)
      -> fetcher.core.cutting       which entries were never seen?         (none: done, counted `unchanged`)
      -> fetcher.core.parsing       feedparser in a worker process         (no feed: counted by its reason)
      -> fetcher.core.entries       new, revised or known? dated how?      (known: `unchanged`)
      -> fetcher.core.keywords      does it concern the region?            (no: `no_keyword`, `no_company`)
      -> fetcher.adapters.pages     the text on its page, where wanted     (blocked, of another: the feed's own, noted)
      -> one transaction: entry + feed state + fetcher_outbox row
      -> relay -> Kafka articles.fetched                                   key: article id
    classifier.runner
      -> core.cleaning -> core.language -> core.sentences
      -> core.reading               actors, events, claims, ceasefire, each with evidence and a reason
      -> core.copies, core.stories  a copy of which article? which story?
      -> one transaction: article + revision + tags + classifier_outbox row; then the offset is committed
      -> relay -> Kafka articles.classified                                key: story id
    alerter.runner
      -> lock the story, read its ledger
      -> core.decision.decide(ledger, article, now, policy)                pure
      -> one transaction: ledger + decision + alert + deliveries + alerter_outbox row; then the offset is committed
      -> relay -> Kafka alerts.raised; deliverer -> each channel           a stable idempotency key per delivery
    desk (HTTP, or the commands `alerts` and `desk token`)
      -> who may? -> one transaction: hand or silence + audit            the alerter only reads them
      alerter: when it owes a delivery and again before it sends         held, put off, or told
      alerter.corrections: wrong, resend -> one transaction: ledger + alert `withdrawn` + deliveries + outbox row
      alerter.watching: once a minute -> core.watches -> alerts of kind `watch`, routed like others

Services never import each other: they meet in `schemas`. `standalone` and `cli` stand above them.
"""
