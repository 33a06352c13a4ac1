#!/usr/bin/env bash
# AsyncHTTPClient 1.37.0: through an HTTP proxy, a request to a plain http:// address is tunnelled with CONNECT, too.
#
# curl, Go and Python send a proxy "GET http://host/path" for http:// addresses, and CONNECT for https:// only.
# AsyncHTTPClient asks for a tunnel to port 80 in both cases. A proxy that allows CONNECT to port 443 only, as Squid's
# packaged configuration does, then refuses the very requests that it lets through for everything else on the host, and
# one that filters by path never sees a path.
#
# Whom it matters to: operators who set HTTP_PROXY for a Swift program, and to those who read its log. Have the
# proxy allow CONNECT to the ports in use, or except the host with NO_PROXY.
#
# Needs swift (6.0 or newer), git, python3 and curl. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'kill "${proxy:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkdir -p "$folder/Sources/Probe"

cat >"$folder/Package.swift" <<'SWIFT'
// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "Probe",
    dependencies: [.package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0")],
    targets: [
        .executableTarget(
            name: "Probe", dependencies: [.product(name: "AsyncHTTPClient", package: "async-http-client")])
    ])
SWIFT

cat >"$folder/Sources/Probe/main.swift" <<'SWIFT'
import AsyncHTTPClient

let port = Int(CommandLine.arguments[1]) ?? 0
let client = HTTPClient(
    eventLoopGroupProvider: .singleton, configuration: .init(proxy: .server(host: "127.0.0.1", port: port)))
do {
    let response = try await client.execute(HTTPClientRequest(url: "http://host.example/path"), timeout: .seconds(10))
    print("answered \(response.status.code)")
} catch {
    print("failed: \(error)")
}
try await client.shutdown()
SWIFT

# Writes down the first line of each request, and refuses it.
cat >"$folder/proxy.py" <<'PYTHON'
import socketserver, sys

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        print(self.rfile.readline().decode().strip(), flush=True)
        while self.rfile.readline().strip(): pass
        self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], file=sys.stderr, flush=True)
server.serve_forever()
PYTHON

(cd "$folder" && swift build 2>&1 | tail -n 1) || exit 2
python3 "$folder/proxy.py" >"$folder/requests" 2>"$folder/port" &
proxy=$!
for _ in $(seq 100); do [ -s "$folder/port" ] && break; sleep 0.1; done
port=$(cat "$folder/port")

curl -s -o /dev/null --noproxy '' --proxy "http://127.0.0.1:$port" http://host.example/path || true
"$folder/.build/debug/Probe" "$port" || true

printf 'AsyncHTTPClient 1.37.0\n'
printf 'expected, as curl sends it: %s\n' "$(sed -n 1p "$folder/requests")"
printf 'seen:                       %s\n' "$(sed -n 2p "$folder/requests")"
[ "$(sed -n 1p "$folder/requests")" = "GET http://host.example/path HTTP/1.1" ] || exit 2
[ "$(sed -n 2p "$folder/requests")" = "CONNECT host.example:80 HTTP/1.1" ] || { echo "changed"; exit 1; }
