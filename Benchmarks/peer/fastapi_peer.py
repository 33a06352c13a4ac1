"""The peer of Benchmarks/ingest.py: what a FastAPI service does for the same promise. It verifies the signature, reads
the body, inserts it, commits, and only then answers 202. Run by uvicorn with uvloop and httptools; SQLAlchemy on asyncpg.

    PEER_DATABASE=postgresql+asyncpg://… uvicorn --app-dir Benchmarks/peer fastapi_peer:app
"""
import datetime
import hashlib
import hmac
import json
import os
import uuid
from contextlib import asynccontextmanager

from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import BigInteger, DateTime, Identity, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = b"benchmark"
engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=20, max_overflow=0)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class WebhookEvent(Base):
    __tablename__ = "peer_webhook_events"
    __table_args__ = (UniqueConstraint("tenant_id", "delivery_id"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[uuid.UUID]
    delivery_id: Mapped[str] = mapped_column(String)
    event: Mapped[str] = mapped_column(String)
    issue_id: Mapped[str | None] = mapped_column(String)
    received_at: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    body: Mapped[bytes] = mapped_column(LargeBinary)


@asynccontextmanager
async def lifespan(_: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/jira/{tenant_id}", status_code=202)
async def receive(tenant_id: uuid.UUID, request: Request):
    body = await request.body()
    claimed = request.headers.get("x-hub-signature", "").removeprefix("sha256=")
    if not hmac.compare_digest(claimed, hmac.new(SECRET, body, hashlib.sha256).hexdigest()):
        raise HTTPException(401)
    payload = json.loads(body)
    async with Session() as session:
        await session.execute(insert(WebhookEvent).on_conflict_do_nothing().values(
            tenant_id=tenant_id, delivery_id=request.headers["x-atlassian-webhook-identifier"],
            event=payload.get("webhookEvent", ""), issue_id=(payload.get("issue") or {}).get("id"),
            received_at=datetime.datetime.now(datetime.timezone.utc), body=body))
        await session.commit()
    return {"status": "stored"}
