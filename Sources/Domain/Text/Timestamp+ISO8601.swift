extension Timestamp: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// ISO 8601 in UTC with milliseconds: `2026-11-24T13:18:00.000Z`.
    ///
    /// An instant outside the years 0000 to 9999, which four digits cannot write, is written as the nearest inside: what
    /// is written can always be read, and sorts as text as it does in time.
    public var description: String {
        let milliseconds = min(max(milliseconds, Self.earliestWritable), Self.latestWritable)
        let utcDay = Timestamp(milliseconds: milliseconds).utcDay
        let millisecondsOfDay = Int(milliseconds.flooredRemainder(by: 86_400_000))
        let (hour, minute) = (millisecondsOfDay / 3_600_000, millisecondsOfDay / 60_000 % 60)
        let (second, fraction) = (millisecondsOfDay / 1000 % 60, millisecondsOfDay % 1000)
        let (year, month, day) = utcDay.components
        // Written into one string: this runs several times for each webhook.
        return String(unsafeUninitializedCapacity: 24) { bytes in
            var writer = DigitWriter(bytes: bytes)
            writer.write(year, digits: 4, then: "-")
            writer.write(month, digits: 2, then: "-")
            writer.write(day, digits: 2, then: "T")
            writer.write(hour, digits: 2, then: ":")
            writer.write(minute, digits: 2, then: ":")
            writer.write(second, digits: 2, then: ".")
            writer.write(fraction, digits: 3, then: "Z")
            return writer.position
        }
    }

    /// 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    private static let earliestWritable: Int64 = -62_167_219_200_000
    private static let latestWritable: Int64 = 253_402_300_799_999

    /// Reads ISO 8601 as Jira writes it (`2008-07-08T16:04:27.121+0000`) and as the rest of the world does
    /// (`…Z`, `+00:00`, no fraction, a space for the `T`). Without an offset the instant is UTC.
    ///
    /// Digits beyond the millisecond are dropped. Returns nil for anything else.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let dayOfMonth = scanner.number(2), let day = CalendarDay(year: year, month: month, day: dayOfMonth),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(2), hour < 24, scanner.skip(":"), let minute = scanner.number(2), minute < 60
        else { return nil }
        var second = 0
        var fraction = 0
        if scanner.skip(":") {
            guard let value = scanner.number(2), value <= 60 else { return nil }
            second = value
            if scanner.skip(".") || scanner.skip(",") {
                guard let value = scanner.milliseconds() else { return nil }
                fraction = value
            }
        }
        var offsetMinutes = 0
        if !scanner.isAtEnd && !(scanner.skip("Z") || scanner.skip("z")) {
            let sign: Int
            if scanner.skip("+") { sign = 1 } else if scanner.skip("-") { sign = -1 } else { return nil }
            guard let hours = scanner.number(2), hours < 24 else { return nil }
            _ = scanner.skip(":")
            let minutes = scanner.isAtEnd ? 0 : scanner.number(2)
            guard let minutes, minutes < 60 else { return nil }
            offsetMinutes = sign * (hours * 60 + minutes)
        }
        guard scanner.isAtEnd else { return nil }
        let secondsOfDay = Int64((hour * 60 + minute - offsetMinutes) * 60 + second)
        self = day.startUTC.adding(milliseconds: secondsOfDay * 1000 + Int64(fraction))
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Timestamp(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 8601 instant")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension CalendarDay: CustomStringConvertible, LosslessStringConvertible, Codable {
    /// `2026-11-24`.
    public var description: String {
        let (year, month, day) = components
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// Reads `YYYY-MM-DD`; nil for anything else.
    public init?(_ text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.isAtEnd
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = CalendarDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date YYYY-MM-DD")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// `value` in decimal, with leading zeros up to `width` digits.
private func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value.magnitude)
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// Writes fixed-width ASCII numbers one behind the other.
private struct DigitWriter {
    let bytes: UnsafeMutableBufferPointer<UInt8>
    var position = 0

    init(bytes: UnsafeMutableBufferPointer<UInt8>) { self.bytes = bytes }

    /// Writes a number that is not negative and has no more than `digits` digits.
    mutating func write(_ value: Int, digits: Int, then separator: Unicode.Scalar) {
        var rest = value
        for index in stride(from: position + digits - 1, through: position, by: -1) {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        bytes[position + digits] = UInt8(ascii: separator)
        position += digits + 1
    }
}

/// Reads fixed-width ASCII numbers off the front of a string.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number(_ width: Int) -> Int? {
        guard position + width <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + width] {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        position += width
        return value
    }

    /// One or more digits after the decimal point, as milliseconds.
    mutating func milliseconds() -> Int? {
        var (value, digits) = (0, 0)
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) {
            if digits < 3 { value = value * 10 + Int(bytes[position] - 0x30) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(3, digits) { value *= 10 }
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
