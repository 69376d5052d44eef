"""Alerts over HTTP: a CloudEvent in JSON, signed, under a key that stays the same however often it is sent."""

from __future__ import annotations

import json
from typing import Any

from schemas.alert_raised import AlertRaised
from schemas.envelope import SOURCE_PREFIX
from schemas.topics import ALERTS_RAISED
from services.alerter.adapters.channels import Parcel, Target
from services.alerter.adapters.posting import Poster
from services.alerter.core.retries import Outcome
from services.alerter.core.signature import signature
from services.runtime.clock import Clock

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
BATCH_TYPE = "application/cloudevents-batch+json; charset=utf-8"


class WebhookChannel:
    """Tells one receiver over HTTP."""

    def __init__(
        self,
        name: str,
        url: str,
        secret: bytes,
        *,
        allow_private: bool = False,
        seconds: float = 10.0,
        parallel: int = 8,
        clock: Clock | None = None,
    ) -> None:
        """`secret` signs; `clock` gives the signed time, which receivers compare with their own: the wall clock."""
        self.target = Target("webhook", name)
        self.parallel = parallel
        self.seconds = seconds
        self._url = url
        self._secret = secret
        self._poster = Poster(allow_private=allow_private, seconds=seconds, parallel=parallel, clock=clock)

    async def send(self, parcel: Parcel) -> Outcome:
        """POST the alert once; several that are told together are a batch of CloudEvents."""
        body = cloud_event(parcel.alert) if not parcel.others else cloud_events(parcel.alerts)
        timestamp = int(self._poster.clock.now().timestamp())
        headers = {
            "content-type": BATCH_TYPE if parcel.others else CONTENT_TYPE,
            "idempotency-key": parcel.key,
            "caucasus-watch-timestamp": str(timestamp),
            "caucasus-watch-signature": signature(self._secret, timestamp, body),
        }
        return await self._poster.send("POST", self._url, body, headers)

    async def close(self) -> None:
        """Close its connections."""
        await self._poster.close()


def cloud_event(alert: AlertRaised) -> bytes:
    """The alert as a CloudEvent in structured mode. Its id is the alert's, the same for every receiver and attempt."""
    return json.dumps(_event(alert), ensure_ascii=False, sort_keys=True).encode()


def cloud_events(alerts: tuple[AlertRaised, ...]) -> bytes:
    """Several alerts in CloudEvents' batched mode: a list, oldest first."""
    return json.dumps([_event(alert) for alert in alerts], ensure_ascii=False, sort_keys=True).encode()


def _event(alert: AlertRaised) -> dict[str, Any]:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": alert.alert_id,
        "type": ALERTS_RAISED.event_type,
        "source": SOURCE_PREFIX + ALERTS_RAISED.producer,
        "subject": alert.story_id,
        "datacontenttype": "application/json",
        "data": alert.model_dump(mode="json"),
    }
    if alert.raised_at is not None:
        event["time"] = alert.raised_at.isoformat()
    return event
