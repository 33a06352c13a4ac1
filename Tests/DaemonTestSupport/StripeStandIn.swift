import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport

/// A stand-in for Stripe's API, written from its documentation (docs.stripe.com/api, version 2024-06-20), for what `localstripe` lacks:
/// checkout sessions, the customer portal, schedules, pending updates and idempotency keys. It is strict: what the documentation
/// does not name, it refuses, and a key is used for one call only.
///
/// Of a schedule it keeps the phases with price, quantity, discounts and tax rates of one item. What a change says of the present phase
/// holds for the subscription at once, and what it does not name is dropped, as at Stripe; the next phase holds when the period
/// is renewed.
///
/// A customer that was deleted can still be read, its subscriptions end at once, and nothing can be bought for it
/// (docs.stripe.com/api/customers/delete).
///
/// A test plays the customer and the passing of time through `/test/…`, and gets the event that Stripe would send.
struct StripeStandIn: Sendable {
    private static let script = #"""
        import json, re, sys, threading, time, urllib.parse
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        lock = threading.RLock()
        customers, sessions, subscriptions, schedules = {}, {}, {}, {}
        keys, effects, events, held = {}, {}, [], {"path": None, "is_lost": False}
        waiting = []
        settings = {"livemode": False, "fails": 0, "declines": False}
        prices = {name: {"id": name, "object": "price", "active": True, "livemode": False}
            for name in ["price_starter", "price_growth", "price_enterprise", "price_other"]}
        counter = [0]

        class Refused(Exception):
            def __init__(self, status, code, param=None):
                self.status, self.code, self.param = status, code, param

        def new(prefix):
            counter[0] += 1
            return "%s_%d" % (prefix, counter[0])

        def effect(name): effects[name] = effects.get(name, 0) + 1

        def event(kind, item):
            made = {"id": new("evt"), "object": "event", "type": kind, "created": int(time.time()),
                "livemode": settings["livemode"], "api_version": "2024-06-20", "data": {"object": json.loads(json.dumps(item))}}
            events.append(made)
            return made

        def only(form, *names):
            for name in form:
                if name not in names: raise Refused(400, "parameter_unknown", name)

        def need(form, *names):
            for name in names:
                if not form.get(name): raise Refused(400, "parameter_missing", name)

        def item(store, id, code="resource_missing"):
            if id not in store: raise Refused(404, code)
            return store[id]

        def buyer(id):
            if item(customers, id).get("deleted"): raise Refused(400, "resource_missing", "customer")

        one_of = r"(coupon|discount|promotion_code)"
        of_phase = re.compile(r"\[(start_date|end_date|iterations|trial_end|collection_method|default_payment_method|coupon)\]"
            r"|\[automatic_tax\]\[enabled\]|\[discounts\]\[\d\]\[" + one_of + r"\]|\[default_tax_rates\]\[\d\]"
            r"|\[items\]\[0\]\[(price|quantity)\]|\[items\]\[0\]\[tax_rates\]\[\d\]"
            r"|\[items\]\[0\]\[discounts\]\[\d\]\[" + one_of + r"\]")

        def phases_of(form):
            found = {}
            for name, value in form.items():
                if name in ("end_behavior", "proration_behavior"): continue
                match = re.fullmatch(r"phases\[(\d)\](.+)", name)
                if not match or not of_phase.fullmatch(match[2]): raise Refused(400, "parameter_unknown", name)
                found.setdefault(int(match[1]), {})[match[2]] = value
            return [found[index] for index in sorted(found)]

        def terms_of(phase):
            item(prices, phase["[items][0][price]"])
            return {"price": phase["[items][0][price]"], "quantity": int(phase.get("[items][0][quantity]", 1)),
                "discounts": [v for k, v in phase.items() if k.startswith("[discounts]")],
                "default_tax_rates": [v for k, v in phase.items() if k.startswith("[default_tax_rates]")]}

        def terms(sub):
            first = sub["items"]["data"][0]
            return {"price": first["price"]["id"], "quantity": first["quantity"], "discounts": sub["discounts"],
                "default_tax_rates": sub["default_tax_rates"]}

        def apply(sub, terms):
            first = sub["items"]["data"][0]
            first["price"]["id"], first["quantity"] = terms["price"], terms["quantity"]
            sub["discounts"], sub["default_tax_rates"] = terms["discounts"], terms["default_tax_rates"]

        def shown(phase):
            return {"start_date": phase["start_date"], "end_date": phase["end_date"], "coupon": None,
                "items": [{"price": phase["price"], "quantity": phase["quantity"], "tax_rates": [], "discounts": []}],
                "discounts": [{"coupon": None, "discount": id, "promotion_code": None} for id in phase["discounts"]],
                "default_tax_rates": [{"id": id, "object": "tax_rate"} for id in phase["default_tax_rates"]],
                "automatic_tax": {"enabled": False}, "collection_method": None, "default_payment_method": None}

        def schedule_of(found):
            return {**found, "phases": [shown(phase) for phase in found["phases"]]}

        def subscribe(customer, price):
            now = int(time.time())
            sub = {"id": new("sub"), "object": "subscription", "livemode": settings["livemode"], "status": "active",
                "customer": customer, "created": now + counter[0], "cancel_at_period_end": False, "cancel_at": None,
                "current_period_start": now, "current_period_end": now + 2592000, "trial_end": None, "schedule": None,
                "metadata": {"plan": "enterprise"}, "discounts": [], "default_tax_rates": [],
                "items": {"object": "list", "has_more": False, "data": [{"id": new("si"), "object": "subscription_item",
                    "price": {"id": price, "object": "price"}, "quantity": 1}]}}
            subscriptions[sub["id"]] = sub
            effect("subscription")
            return sub

        def post(path, form):
            parts = path.split("/")[2:]
            if parts == ["customers"]:
                only(form, "name", "email", "metadata[consilod_tenant]")
                made = {"id": new("cus"), "object": "customer", "livemode": settings["livemode"], "name": form.get("name")}
                customers[made["id"]] = made
                effect("customer")
                return made
            if parts == ["checkout", "sessions"]:
                only(form, "mode", "customer", "client_reference_id", "line_items[0][price]", "line_items[0][quantity]",
                    "success_url", "cancel_url")
                need(form, "mode", "customer", "line_items[0][price]", "success_url")
                buyer(form["customer"])
                item(prices, form["line_items[0][price]"])
                id = new("cs_test")
                sessions[id] = {"id": id, "object": "checkout.session", "livemode": settings["livemode"], "status": "open",
                    "customer": form["customer"], "url": "https://checkout.stripe.example/" + id,
                    "price": form["line_items[0][price]"], "subscription": None}
                effect("checkout")
                return sessions[id]
            if parts[:2] == ["checkout", "sessions"] and parts[3:] == ["expire"]:
                only(form)
                found = item(sessions, parts[2])
                if found["status"] != "open": raise Refused(400, "checkout_session_not_open")
                found["status"], found["url"] = "expired", None
                effect("expire")
                return found
            if parts == ["billing_portal", "sessions"]:
                only(form, "customer", "return_url")
                buyer(form["customer"])
                effect("portal")
                return {"id": new("bps"), "object": "billing_portal.session", "livemode": settings["livemode"],
                    "url": "https://billing.stripe.example/" + form["customer"]}
            if parts == ["subscription_schedules"]:
                only(form, "from_subscription")
                sub = item(subscriptions, form["from_subscription"])
                if sub["schedule"]: raise Refused(400, "subscription_has_schedule")
                made = {"id": new("sub_sched"), "object": "subscription_schedule", "livemode": settings["livemode"],
                    "status": "active", "subscription": sub["id"], "current_phase": {
                        "start_date": sub["current_period_start"], "end_date": sub["current_period_end"]}, "phases": [{
                        "start_date": sub["current_period_start"], "end_date": sub["current_period_end"], **terms(sub)}]}
                schedules[made["id"]] = made
                sub["schedule"] = made["id"]
                effect("schedule")
                return schedule_of(made)
            if parts[0] == "subscription_schedules" and parts[2:] == ["release"]:
                only(form)
                found = item(schedules, parts[1])
                if found["status"] != "active": raise Refused(400, "schedule_not_active")
                found["status"] = "released"
                subscriptions[found["subscription"]]["schedule"] = None
                effect("release")
                return schedule_of(found)
            if parts[0] == "subscription_schedules" and len(parts) == 2:
                first_of_form, next_of_form = phases_of(form)
                found = item(schedules, parts[1])
                if found["status"] != "active": raise Refused(400, "schedule_not_active")
                first = found["phases"][0]
                sub = subscriptions[found["subscription"]]
                if sub["status"] == "trialing" and form.get("phases[0][trial_end]") != str(sub["trial_end"]):
                    sub["status"], sub["trial_end"] = "active", None
                if int(form["phases[0][start_date]"]) != first["start_date"]: raise Refused(400, "phase_start_date")
                present = terms_of(first_of_form)
                apply(sub, present)
                found["phases"] = [{**first, **present}, {"start_date": first["end_date"],
                    "end_date": first["end_date"] + 2592000, **terms_of(next_of_form)}]
                effect("downgrade")
                return schedule_of(found)
            if parts[0] == "subscriptions" and len(parts) == 2:
                sub = item(subscriptions, parts[1])
                if sub["status"] in ("canceled", "incomplete_expired"): raise Refused(404, "resource_missing", "id")
                if sub["schedule"]: raise Refused(400, "subscription_managed_by_schedule")
                if "cancel_at" in form:
                    only(form, "cancel_at")
                    sub["cancel_at"] = int(form["cancel_at"]) if form["cancel_at"] else None
                    effect("end date" if form["cancel_at"] else "stay")
                    return sub
                if "cancel_at_period_end" in form:
                    only(form, "cancel_at_period_end")
                    sub["cancel_at_period_end"] = form["cancel_at_period_end"] == "true"
                    effect("cancel" if sub["cancel_at_period_end"] else "stay")
                    return sub
                only(form, "items[0][id]", "items[0][price]", "proration_behavior", "payment_behavior")
                if form["items[0][id]"] != sub["items"]["data"][0]["id"]: raise Refused(400, "resource_missing", "items")
                item(prices, form["items[0][price]"])
                if form.get("payment_behavior") != "pending_if_incomplete" or not settings["declines"]:
                    sub["items"]["data"][0]["price"]["id"], sub["pending_update"] = form["items[0][price]"], None
                    effect("upgrade")
                else:
                    sub["pending_update"] = {"expires_at": int(time.time()) + 82800}
                return sub
            raise Refused(404, "url_unknown")

        def get(path, query):
            if path == "/v1/subscriptions":
                only(query, "customer", "status", "limit", "starting_after")
                item(customers, query["customer"])
                found = [s for s in subscriptions.values() if s["customer"] == query["customer"]][::-1]
                if "starting_after" in query:
                    found = found[[s["id"] for s in found].index(query["starting_after"]) + 1:]
                limit = min(int(query["limit"]), settings.get("page", 100))
                return {"object": "list", "has_more": len(found) > limit, "data": found[:limit]}
            if path == "/v1/checkout/sessions":
                only(query, "customer", "status", "limit")
                found = [s for s in sessions.values() if s["customer"] == query["customer"] and s["status"] == query["status"]]
                return {"object": "list", "has_more": False, "data": found[::-1]}
            if path.startswith("/v1/customers/"): return item(customers, path.split("/")[3])
            if path.startswith("/v1/checkout/sessions/"): return item(sessions, path.split("/")[4])
            if path.startswith("/v1/subscription_schedules/"): return schedule_of(item(schedules, path.split("/")[3]))
            if path == "/v1/balance": return {"object": "balance", "livemode": settings["livemode"]}
            if path.startswith("/v1/prices/"): return item(prices, path.split("/")[3])
            if path == "/v1/webhook_endpoints": return {"object": "list", "has_more": False, "data": []}
            raise Refused(404, "url_unknown")

        def played(path, body):
            if path == "/test/pay":
                session = item(sessions, body["session"])
                if session["status"] != "open": raise Refused(400, "checkout_session_not_open")
                buyer(session["customer"])
                session["status"], session["url"] = "complete", None
                session["subscription"] = subscribe(session["customer"], session["price"])["id"]
                return event("checkout.session.completed", session)
            if path == "/test/subscription":
                sub = item(subscriptions, body.pop("id"))
                for name in ("price", "quantity"):
                    if name in body: apply(sub, {**terms(sub), name: body.pop(name)})
                kind = body.pop("event", "customer.subscription.updated")
                sub.update(body)
                return event(kind, {"id": new("in"), "object": "invoice", "customer": sub["customer"]}
                    if kind.startswith("invoice.") else sub)
            if path == "/test/renew":
                sub = item(subscriptions, body["id"])
                sub["current_period_start"], sub["current_period_end"] = sub["current_period_end"], sub["current_period_end"] + 2592000
                schedule = schedules.get(sub["schedule"] or "")
                if schedule and len(schedule["phases"]) > 1:
                    apply(sub, schedule["phases"][1])
                    schedule["status"], sub["schedule"] = "released", None
                if sub["cancel_at_period_end"]:
                    sub["status"] = "canceled"
                    return event("customer.subscription.deleted", sub)
                return event("invoice.payment_succeeded", {"id": new("in"), "object": "invoice", "customer": sub["customer"]})
            if path == "/test/subscribe": return event("customer.subscription.created", subscribe(body["customer"], body["price"]))
            if path == "/test/forget":
                customers.clear()
                return {}
            if path == "/test/delete":
                id = body["customer"]
                buyer(id)
                customers[id] = {"id": id, "object": "customer", "deleted": True}
                for sub in subscriptions.values():
                    if sub["customer"] == id and sub["status"] != "incomplete_expired": sub["status"], sub["schedule"] = "canceled", None
                return event("customer.deleted", customers[id])
            if path == "/test/settings":
                settings.update(body)
                return settings
            if path == "/test/hold":
                held.update({"method": None, "skip": 0, "is_lost": False, **body})
                return held
            if path == "/test/release":
                for answer in waiting: answer.set()
                waiting.clear()
                return {}
            return {"effects": effects, "customers": [id for id, c in customers.items() if not c.get("deleted")], "subscriptions": list(subscriptions),
                "sessions": {id: s["status"] for id, s in sessions.items()}, "held": held.get("reached", 0),
                "details": {id: {**terms(s), "status": s["status"], "prices": [i["price"]["id"] for i in s["items"]["data"]],
                    "has_schedule": s["schedule"] is not None, "cancel_at_period_end": s["cancel_at_period_end"]}
                    for id, s in subscriptions.items()}}

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def answer(self, status, value):
                text = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            def handle_any(self):
                url = urllib.parse.urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                waits, is_lost = None, None
                with lock:
                    try:
                        if url.path.startswith("/test/"):
                            return self.answer(200, played(url.path, json.loads(body or "{}")))
                        is_lost = held["is_lost"] and self.is_held(url.path)
                        if not is_lost:
                            status, value = self.stripe(url, body)
                            waits = not held["is_lost"] and self.is_held(url.path)
                        # As it was: others go on meanwhile.
                        if waits: value = json.loads(json.dumps(value))
                    except Refused as refused:
                        status = refused.status
                        value = {"error": {"type": "invalid_request_error", "code": refused.code, "param": refused.param}}
                # Stripe has done it, and the answer comes late or never; or it has not even seen the call.
                if waits or is_lost: (waits or is_lost).wait(600)
                if is_lost:
                    self.close_connection = True
                    return
                self.answer(status, value)
            def is_held(self, path):
                if not held["path"] or not path.startswith(held["path"]): return None
                if self.command != held["method"] and (held["method"] or self.command == "GET"): return None
                if held["skip"] > 0:
                    held["skip"] -= 1
                    return None
                held["reached"], held["path"] = held.get("reached", 0) + 1, None
                waiting.append(threading.Event())
                return waiting[-1]
            def stripe(self, url, body):
                if not (self.headers.get("Authorization") or "").startswith("Bearer sk_test_"):
                    return 401, {"error": {"type": "invalid_request_error"}}
                if self.headers.get("Stripe-Version") != "2024-06-20": raise Refused(400, "version_missing")
                if settings["fails"] > 0:
                    settings["fails"] -= 1
                    return 500, {"error": {"type": "api_error"}}
                query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
                if self.command == "GET": return 200, get(url.path, query)
                if self.command == "DELETE":
                    sub = item(subscriptions, url.path.split("/")[3])
                    if sub["status"] == "canceled": raise Refused(404, "resource_missing", "id")
                    sub["status"], sub["schedule"] = "canceled", None
                    effect("end")
                    return 200, sub
                key = self.headers.get("Idempotency-Key")
                if not key or len(key) > 255: raise Refused(400, "idempotency_key_missing")
                if self.headers.get("Content-Type") != "application/x-www-form-urlencoded": raise Refused(400, "content_type")
                call = [url.path, body]
                if key in keys:
                    if keys[key][0] != call: raise Refused(400, "idempotency_error")
                    return keys[key][1], json.loads(keys[key][2])
                value = post(url.path, dict(urllib.parse.parse_qsl(body, keep_blank_values=True)))
                keys[key] = [call, 200, json.dumps(value)]
                return 200, value
            do_GET = do_POST = do_DELETE = handle_any

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        server.serve_forever()
        """#

    /// A subscription as it is.
    struct Detail: Decodable, Sendable, Hashable {
        var status: String
        /// Of the first item, and of all.
        var price: String
        var prices: [String]
        var quantity: Int
        var discounts: [String]
        var default_tax_rates: [String]
        var has_schedule: Bool
        var cancel_at_period_end: Bool
    }

    /// What it has done, and for whom.
    struct State: Decodable, Sendable {
        /// How often something happened that costs or changes something, by its name.
        var effects: [String: Int]
        /// Those that were not deleted.
        var customers: [String]
        var subscriptions: [String]
        var sessions: [String: String]
        /// By the id.
        var details: [String: Detail]
        /// How many answers were held back.
        var held: Int
    }

    private let port: Int

    /// Where the daemon is told that Stripe is.
    var url: String { "http://127.0.0.1:\(port)" }

    /// Runs `body` beside a stand-in.
    static func running<Result>(_ body: (StripeStandIn) async throws -> Result) async throws -> Result {
        try await ChildServer.running(script) { try await body(StripeStandIn(port: $0.port)) }
    }

    /// Plays something; what Stripe would send.
    @discardableResult
    func play(_ path: String, _ json: String = "{}") async throws -> String {
        var request = HTTPClientRequest(url: "\(url)/test/\(path)")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: json))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
        guard answer.status == .ok else { throw Unexpected("\(path): \(answer.status.code) \(text)") }
        return text
    }

    var state: State {
        get async throws { try JSONDecoder().decode(State.self, from: Data(try await play("state").utf8)) }
    }
}
