package dev.bulla.kbs.config;

import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.KbsLimits;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code [http_server]}.
 *
 * @param sockets where to listen
 * @param certificate the server's certificate; with its key absent where HTTP is served insecurely
 * @param key its key
 * @param modernTls whether TLS 1.3 alone is served, not 1.2 too
 * @param bodyLength the longest body, in bytes
 */
record HttpSettings(
        List<InetSocketAddress> sockets,
        Optional<Path> certificate,
        Optional<Path> key,
        boolean modernTls,
        int bodyLength) {
    private static final String DEFAULT_SOCKET = "127.0.0.1:8080";
    private static final int MAX_PORT = 65_535;
    private static final int MEGABYTE = 1024 * 1024;
    private static final int MAX_MEGABYTES = 64;
    private static final int DEFAULT_MEGABYTES = 2;
    private static final String ADDRESS = "[0-9a-fA-F.:]+";

    static HttpSettings read(Optional<JsonCursor> given, List<String> notes) throws JsonException {
        if (given.isEmpty()) {
            throw new JsonException("$", "\"http_server\" is missing");
        }
        JsonCursor.Members table = given.get().object();
        table.allowOnly(
                "sockets",
                "insecure_http",
                "private_key",
                "certificate",
                "payload_request_size",
                "worker_count",
                "tls_profile");
        boolean insecure = Settings.flag(table, "insecure_http", false);
        Optional<Path> certificate = Settings.path(table, "certificate");
        Optional<Path> key = Settings.path(table, "private_key");
        if (!insecure && (certificate.isEmpty() || key.isEmpty())) {
            throw given.get()
                    .refuse("\"certificate\" and \"private_key\" are needed, unless insecure_http = true is named");
        }
        Optional<JsonCursor> profile = table.optional("tls_profile");
        if (profile.isPresent()) {
            Settings.requireWord(profile.get(), "intermediate", "modern");
        }
        if (Settings.number(table, "worker_count", 1, Integer.MAX_VALUE, 0) > 0) {
            notes.add("http_server.worker_count has no effect: each request has a thread of its own");
        }
        List<InetSocketAddress> sockets = new ArrayList<>();
        Optional<JsonCursor> listed = table.optional("sockets");
        if (listed.isPresent()) {
            for (JsonCursor item : listed.get().array()) {
                sockets.add(socket(item.string(), item));
            }
            if (sockets.isEmpty()) {
                throw listed.get().refuse("expected at least one socket");
            }
        } else {
            sockets.add(socket(DEFAULT_SOCKET, given.get()));
        }
        if (insecure) {
            notes.add("http_server.insecure_http: HTTP without TLS, on " + sockets);
            certificate = Optional.empty();
            key = Optional.empty();
        }
        int megabytes = Settings.number(table, "payload_request_size", 1, MAX_MEGABYTES, DEFAULT_MEGABYTES);
        boolean modern = profile.isPresent() && profile.get().string().equals("modern");
        return new HttpSettings(sockets, certificate, key, modern, megabytes * MEGABYTE);
    }

    private static InetSocketAddress socket(String text, JsonCursor where) throws JsonException {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            if (port >= 0 && port <= MAX_PORT && host.matches(ADDRESS)) { // an address: no name is looked up
                return new InetSocketAddress(InetAddress.getByName(host), port);
            }
        } catch (NumberFormatException | UnknownHostException e) {
            // refused below
        }
        throw where.refuse("got " + Quoted.text(text) + ", expected ADDRESS:PORT");
    }

    void apply(EmbeddedKbs.Builder builder) throws KbsException {
        builder.addresses(sockets);
        if (certificate.isPresent() && key.isPresent()) {
            builder.tls(Settings.read(certificate.get()), Settings.read(key.get()));
            if (modernTls) {
                builder.tls13Only();
            }
        }
        builder.limits(KbsLimits.DEFAULT.withBodyLength(bodyLength));
    }
}
