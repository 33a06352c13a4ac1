import Foundation
import Glibc
import TestSupport

/// A real mail server on a port of the loopback interface that puts all mail into one maildir; gone with the value that holds
/// it. It runs in a root directory of its own: that of this machine with Debian's package over it.
final class MailServer: Sendable {
    enum Kind: String, CaseIterable, Sendable { case postfix, exim, opensmtpd }

    let port: Int
    private let folder: URL
    private let process: Process

    /// Where `script/test` unpacks Debian's packages.
    private static let prefix = Repository.folder.appendingPathComponent(".engine/mailservers")

    /// For `.enabled(if:)`, with ``isMissing`` as the reason.
    static let isUsable: Bool = {
        guard FileManager.default.isExecutableFile(atPath: prefix.appendingPathComponent("usr/bin/notmuch").path)
        else { return false }
        do { return try run(space + ["echo", "-n", "yes"]) == "yes" } catch { return false }
    }()
    static let isMissing =
        "no mail servers in .engine/mailservers (script/lib/mailservers.sh), or no root, who can make name spaces for them"

    private static let space = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]

    /// Makes the root directory and goes there. Arguments: the packages, a folder, a script, a port.
    private static let enter = #"""
        set -e
        packages=$1 folder=$2 script=$3 port=$4
        mkdir "$folder/space" "$folder/mail"
        mount -t tmpfs tmpfs "$folder/space"
        mkdir "$folder/space/upper" "$folder/space/work" "$folder/space/root"
        cp -a "$packages/." "$folder/space/upper"
        root=$folder/space/root
        mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/space/upper,workdir=$folder/space/work" "$root"
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mkdir -p "$root/mail"
        mount --bind "$folder/mail" "$root/mail"
        exec chroot "$root" bash -c "$script" bash "$port"
        """#

    private static let users = #"""
        set -e
        for user in 4001:postfix 4002:Debian-exim 4003:opensmtpd 4004:opensmtpq 4005:mailbox 4006:postdrop; do
            id=${user%%:*} name=${user#*:}
            echo "$name:x:$id:$id::/var/empty:/bin/sh" >>/etc/passwd
            echo "$name:x:$id:" >>/etc/group
        done
        chown mailbox: /mail

        """#

    private static func script(_ kind: Kind) -> String {
        switch kind {
        case .postfix:
            users + #"""
                chown postfix: /var/lib/postfix
                cat >/etc/postfix/main.cf <<CONF
                compatibility_level = 3.6
                myhostname = mail.example.com
                mydestination =
                inet_interfaces = 127.0.0.1
                inet_protocols = ipv4
                mynetworks = 127.0.0.0/8
                smtpd_relay_restrictions = permit_mynetworks, reject
                virtual_mailbox_domains = example.com
                virtual_mailbox_base = /mail
                virtual_mailbox_maps = static:box/
                virtual_minimum_uid = 1
                virtual_uid_maps = static:4005
                virtual_gid_maps = static:4005
                alias_maps =
                alias_database =
                maillog_file = /var/log/mail.log
                CONF
                {
                    echo "$1 inet n - n - - smtpd"
                    # Name, whether it is private, whether it needs no rights, and how many.
                    for service in cleanup:n:-:0 qmgr:n:-:1 rewrite:-:-:- bounce:-:-:0 defer:-:-:0 trace:-:-:0 verify:-:-:1 \
                        flush:n:-:0 proxymap:-:-:- virtual:-:n:- error:-:-:- retry:-:-:- anvil:-:-:1 scache:-:-:1 \
                        tlsmgr:-:-:1 pickup:n:-:1; do
                        IFS=: read -r name private unprivileged most <<<"$service"
                        program=$name
                        case $name in
                        rewrite) program=trivial-rewrite ;;
                        defer | trace) program=bounce ;;
                        retry) program=error ;;
                        esac
                        echo "$name unix $private $unprivileged n - $most $program"
                    done
                    echo "postlog unix-dgram n - n - 1 postlogd"
                } >/etc/postfix/master.cf
                exec postfix start-fg
                """#
        case .exim:
            users + #"""
                mkdir -p /etc/exim4 /var/spool/exim4 /var/log/exim4
                chown Debian-exim: /var/spool/exim4 /var/log/exim4
                cat >/etc/exim4/exim4.conf <<CONF
                primary_hostname = mail.example.com
                local_interfaces = 127.0.0.1
                daemon_smtp_ports = $1
                hostlist relays = 127.0.0.1
                acl_smtp_rcpt = check
                never_users = root
                keep_environment =
                begin acl
                check:
                  accept hosts = +relays
                begin routers
                box:
                  driver = accept
                  transport = box
                begin transports
                box:
                  driver = appendfile
                  directory = /mail/box
                  create_directory
                  maildir_format
                  user = mailbox
                  group = mailbox
                CONF
                exec exim4 -bdf
                """#
        case .opensmtpd:
            users + #"""
                mkdir -p /mail/box /var/spool/smtpd/offline /var/empty
                chown mailbox: /mail/box
                chmod 711 /var/spool/smtpd
                chown root:opensmtpq /var/spool/smtpd/offline
                chmod 770 /var/spool/smtpd/offline
                cat >/etc/smtpd.conf <<CONF
                listen on 127.0.0.1 port $1 hostname mail.example.com
                table box { "@" = mailbox }
                action "box" maildir "/mail/box" virtual <box> user mailbox
                match from local for any action "box"
                CONF
                exec smtpd -d -f /etc/smtpd.conf
                """#
        }
    }

    /// Starts one without mail, and waits until it accepts connections.
    init(_ kind: Kind) async throws {
        port = try PostgresServer.freePort()
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            Self.space + [
                "bash", "-c", Self.enter, "bash", Self.prefix.path, folder.path, Self.script(kind), "\(port)",
            ]
        process.standardOutput = try FileHandle(forWritingTo: log)
        process.standardError = process.standardOutput
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let greeting = #"exec 3<>/dev/tcp/127.0.0.1/$1 && read -r -t 5 line <&3 && echo "$line""#
        try await eventually("\(kind) greets", within: .seconds(120)) {
            guard process.isRunning else {
                throw Unexpected("\(kind) ended: \(try String(contentsOf: log, encoding: .utf8))")
            }
            do {
                return try run(["bash", "-c", "{ \(greeting); } 2>/dev/null", "bash", "\(port)"]).hasPrefix("220")
            } catch { return false }
        }
    }

    deinit {
        // With the first process of the name space go all others, and its mounts. `unshare` ends with it.
        let parent = process.processIdentifier
        let children = try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
        for child in (children ?? "").split(separator: " ").compactMap({ pid_t($0) }) { kill(child, SIGKILL) }
        kill(parent, SIGKILL)
        try? FileManager.default.removeItem(at: folder)
    }

    private var box: URL { folder.appendingPathComponent("mail/box") }

    /// The mails that have arrived, in any order.
    func arrived() -> [URL] {
        (try? FileManager.default.contentsOfDirectory(
            at: box.appendingPathComponent("new"), includingPropertiesForKeys: nil)) ?? []
    }

    /// The subjects of each thread, as notmuch makes them.
    func threads() throws -> [[String]] {
        let libraries = try run(["find", Self.prefix.path, "-name", "libnotmuch.so.5", "-printf", "%h"])
        let settings = folder.appendingPathComponent("notmuch")
        try "[database]\npath=\(box.path)\n[user]\nname=Ana\nprimary_email=ana@example.com\n".write(
            to: settings, atomically: true, encoding: .utf8)
        let notmuch =
            [
                "env", "LD_LIBRARY_PATH=\(libraries)", "NOTMUCH_CONFIG=\(settings.path)",
                Self.prefix.appendingPathComponent("usr/bin/notmuch").path,
            ]
        _ = try run(notmuch + ["new", "--quiet"])
        let threads = try run(notmuch + ["search", "--output=threads", "*"]).split(separator: "\n")
        return try threads.map { thread in
            let files = try run(notmuch + ["search", "--output=files", "\(thread)"]).split(separator: "\n")
            return try files.map { try PythonMail(URL(fileURLWithPath: String($0))).header("subject") ?? "" }
        }
    }
}

/// A mail as Python's `email` reads it.
struct PythonMail: Decodable {
    private var headers: [String: [String]]
    var defects: [String]
    var text: String

    private static let script = """
        import email, email.policy, json, sys
        with open(sys.argv[1], "rb") as file: mail = email.message_from_binary_file(file, policy=email.policy.default)
        headers = {}
        for name, value in mail.items(): headers.setdefault(name.lower(), []).append(str(value))
        parts = list(mail.walk())
        print(json.dumps({
            "headers": headers, "text": mail.get_body(("plain",)).get_content(),
            "defects": [repr(defect) for part in parts for defect in part.defects]
                + [repr(defect) for part in parts for value in part.values() for defect in value.defects],
        }))
        """

    init(_ file: URL) throws {
        let output = try run(["/usr/bin/python3", "-c", Self.script, file.path])
        self = try JSONDecoder().decode(PythonMail.self, from: Data(output.utf8))
    }

    /// Nil unless it is there once.
    func header(_ name: String) -> String? {
        let values = headers[name] ?? []
        return values.count == 1 ? values[0] : nil
    }
}
