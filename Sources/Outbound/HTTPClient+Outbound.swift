public import AsyncHTTPClient
public import NIOCore

extension HTTPClient.Configuration {
    /// How every client of consilod is set up.
    ///
    /// No redirect is followed unless it is asked for: it could carry a request to a host that was not entered. A
    /// connection that fails is not tried again by the client, because each caller has its own back-off. HTTP/1 only,
    /// which has one place where a new connection can be checked, and serves the few connections that are made.
    ///
    /// - Parameters:
    ///   - connectTimeout: for the connection and the TLS handshake.
    ///   - silenceTimeout: between two pieces of an answer.
    ///   - redirects: how many are followed; 0 for none.
    ///   - proxy: through which all requests go.
    public static func outbound(
        connectTimeout: TimeAmount = .seconds(10), silenceTimeout: TimeAmount? = .seconds(30), redirects: Int = 0,
        proxy: Proxy? = nil
    ) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: redirects > 0 ? .follow(max: redirects, allowCycles: false) : .disallow,
            timeout: .init(connect: connectTimeout, read: silenceTimeout), proxy: proxy)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }
}
