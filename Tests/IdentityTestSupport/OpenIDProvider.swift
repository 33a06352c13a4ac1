import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Outbound
import TestSupport

/// A provider of OpenID Connect: `oidc-provider-mock`, with the checks and parameters that it leaves out, by the parts of
/// Authlib, on which it is built: proof of possession of the code (RFC 7636) and its name in responses (RFC 9207). It can be
/// told to change its keys, to have a wrong clock, and to be down.
enum OpenIDProvider {
    private static let script = #"""
        import os, sys, warnings
        packages = sys.argv[2]
        sys.path.insert(0, packages)
        os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
        warnings.simplefilter("ignore")
        import logging
        logging.disable(logging.CRITICAL)
        import flask, oidc_provider_mock, werkzeug.serving
        from authlib import jose
        from authlib.common.urls import add_params_to_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge
        from oidc_provider_mock import _app
        from urllib.parse import parse_qs, urlparse

        state = {"skew": 0, "claims": {}, "names_key": True, "names_itself": False, "iss": None, "down": [], "issuer": None}
        counts, challenges, retired = {}, {}, []

        _app.AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

        own_claims = _app.OpenIDCode.get_compatible_claims
        def claims(self, request):
            found = own_claims(self, request)
            for name in ("iat", "exp", "auth_time"):
                if name in found: found[name] += state["skew"]
            return found
        _app.OpenIDCode.get_compatible_claims = claims

        own_user = _app.OpenIDCode.generate_user_info
        _app.OpenIDCode.generate_user_info = lambda self, user, scope: {**own_user(self, user, scope), **state["claims"]}

        own_header = _app.OpenIDCode.get_encode_header
        def header(self, client):
            found = own_header(self, client)
            if state["names_key"]: found["kid"] = _app.storage.jwk.as_dict()["kid"]
            return found
        _app.OpenIDCode.get_encode_header = header

        app = oidc_provider_mock.app(require_nonce=True)
        app.debug = False
        app.view_functions["oidc-provider-mock.jwks"] = lambda: flask.jsonify(
            jose.KeySet([*retired, _app.storage.jwk]).as_dict())

        @app.before_request
        def asked():
            path = flask.request.path
            counts[path] = counts.get(path, 0) + 1
            if path in state["down"]: return "", 503
            if path == "/oauth2/token":
                challenge = challenges.get(flask.request.form.get("code"))
                verifier = flask.request.form.get("code_verifier", "")
                if not challenge or create_s256_code_challenge(verifier) != challenge:
                    return flask.jsonify(error="invalid_grant"), 400

        @app.after_request
        def answered(response):
            path = flask.request.path
            if path == "/oauth2/authorize" and response.location:
                code = parse_qs(urlparse(response.location).query).get("code")
                if code: challenges[code[0]] = flask.request.args.get("code_challenge")
                named = state["iss"] or (flask.request.host_url.rstrip("/") if state["names_itself"] else None)
                if named: response.location = add_params_to_uri(response.location, {"iss": named})
            if path == "/.well-known/openid-configuration" and response.status_code == 200:
                found = response.json
                found["code_challenge_methods_supported"] = ["S256"]
                found["authorization_response_iss_parameter_supported"] = state["names_itself"]
                if state["issuer"]: found["issuer"] = state["issuer"]
                response.set_data(flask.json.dumps(found))
            return response

        @app.post("/test")
        def change():
            for name, value in flask.request.json.items():
                if name != "rotate": state[name] = value; continue
                if value == "keep": retired.append(_app.storage.jwk)
                _app.storage.jwk = jose.RSAKey.generate_key(is_private=True)
            return flask.jsonify(counts)

        server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
        print(server.server_port, flush=True)
        server.serve_forever()
        """#

    static func running(_ body: (ChildServer) async throws -> Void) async throws {
        try await ChildServer.running(script, [IdentityPeers.openID.path], body: body)
    }
}

extension ChildServer {
    /// Changes the provider's behaviour by a JSON object. Returns how often each path was asked for.
    @discardableResult
    func tell(_ change: String, _ client: OutboundClient) async throws -> [String: Int] {
        var request = HTTPClientRequest(url: "\(address)/test")
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: change))
        let answer = try await client.exchange(request, timeout: .seconds(90), answerLimit: 65_536)
        guard answer.status == 200 else { throw Unexpected("the provider answered \(answer.status)") }
        return try JSONDecoder().decode([String: Int].self, from: Data(answer.body))
    }

    /// What a browser does in which a person signs in at the provider, or refuses to: the query that it brings back.
    func signIn(
        _ person: String = "ada@example.com", at url: String, refusing: Bool = false, _ client: OutboundClient
    ) async throws -> String {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        let form = refusing ? "action=deny" : "sub=\(person.replacing("@", with: "%40"))"
        request.body = .bytes(ByteBuffer(string: form))
        let answer = try await client.exchange(request, timeout: .seconds(90), answerLimit: 262_144)
        guard let location = answer.headers.first(name: "Location"), let query = location.split(separator: "?").last
        else { throw Unexpected("the provider answered \(answer.status) and led nowhere") }
        return String(query)
    }
}
