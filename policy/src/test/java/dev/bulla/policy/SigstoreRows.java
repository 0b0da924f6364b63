package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SigningKey;
import dev.bulla.policy.signature.VerificationKey;
import dev.bulla.policy.sigstore.CertificateMint;
import dev.bulla.policy.sigstore.FulcioTrust;
import dev.bulla.policy.sigstore.PkiTrust;
import dev.bulla.policy.sigstore.RekorSet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/** The rows of the kinds {@code rekor-set}, {@code fulcio-cert} and {@code pki-cert}. Empty: a note that this does not know. */
final class SigstoreRows {
    private static final Pattern INPUT = Pattern.compile("issuer=(\\S+) email=(\\S+)");
    private static final Pattern VALUE = Pattern.compile("([\\w -]+?)\\s*=\\s*\"(.*)\"");
    private static final Pattern EMPTY = Pattern.compile("([\\w -]+?) (?:is )?empty");
    private static final Pattern TRUNCATED = Pattern.compile("([\\w -]+?) truncated by (\\d+) chars?.*");
    private static final Pattern DELETE = Pattern.compile("body: delete (\\S+)");
    private static final Pattern SET = Pattern.compile("body: (\\S+) (.+)");
    private static final String ISSUER = "https://issuer.example/oauth";
    private static final String EMAIL = "user@example.com";
    private static final String HOST = "host.example.com";
    private static final String V1 = "1.3.6.1.4.1.57264.1.1";
    private static final String V2 = "1.3.6.1.4.1.57264.1.8";

    private final Path root;
    private final List<ConformanceCase> table;

    SigstoreRows(Path root, List<ConformanceCase> table) {
        this.root = root;
        this.table = table;
    }

    private List<byte[]> files(ConformanceCase row) throws Exception {
        List<byte[]> files = new ArrayList<>();
        for (String file : row.files().strip().split("\\s+", -1)) {
            files.add(Files.readAllBytes(root.resolve(file)));
        }
        return files;
    }

    // Rekor's promise: key of the log, promise, certificate, signature in base64, payload.

    Optional<String> rekorSet(ConformanceCase row) throws Exception {
        if (row.note().startsWith("duplicate key")) {
            SigningKey log = SigningKey.ec("secp256r1");
            byte[] payload = row.input().getBytes(StandardCharsets.UTF_8);
            String set = "{\"SignedEntryTimestamp\":\"" + Base64.getEncoder().encodeToString(log.sign(payload))
                    + "\",\"Payload\":" + row.input() + "}";
            return Optional.of(rekor(
                    log.pem(), set.getBytes(StandardCharsets.UTF_8), log.pem(), new byte[1], payload, row.expected()));
        }
        List<byte[]> files = files(row);
        byte[] log = files.get(0);
        byte[] set = files.get(1);
        byte[] certificate = files.get(2);
        byte[] signature = files.get(3);
        byte[] payload = files.get(4);
        String note = row.note().strip();
        if (note.startsWith("body:")) {
            Optional<JsonValue> body = body(note, set, payload);
            if (body.isEmpty()) {
                return Optional.empty();
            }
            SigningKey own = SigningKey.ec("secp256r1");
            return Optional.of(
                    rekor(own.pem(), resigned(set, body.get(), own), certificate, signature, payload, row.expected()));
        }
        Matcher value = VALUE.matcher(note);
        Matcher empty = EMPTY.matcher(note);
        Matcher truncated = TRUNCATED.matcher(note);
        String what = note;
        byte[] replacement = null;
        if (value.matches()) {
            what = value.group(1);
            replacement = value.group(2).getBytes(StandardCharsets.UTF_8);
        } else if (empty.matches()) {
            what = empty.group(1);
            replacement = new byte[0];
        } else if (truncated.matches()) {
            what = truncated.group(1);
        } else if (note.endsWith("= other key")) {
            what = note.substring(0, note.indexOf('=')).strip();
            replacement = SigningKey.ec("secp256r1").pem();
        } else if (note.contains("repeated twice")) {
            replacement = (text(certificate) + text(certificate)).getBytes(StandardCharsets.UTF_8);
        } else if (note.contains("not PEM")) {
            replacement = "not PEM".getBytes(StandardCharsets.UTF_8);
        } else if (!note.isEmpty()) {
            return Optional.empty();
        }
        int place = place(what);
        if (!note.isEmpty() && place < 0) {
            return Optional.empty();
        }
        List<byte[]> parts = new ArrayList<>(List.of(log, set, certificate, signature, payload));
        if (truncated.matches()) {
            byte[] whole = parts.get(place);
            String text = text(whole).strip();
            replacement = text.substring(0, text.length() - Integer.parseInt(truncated.group(2)))
                    .getBytes(StandardCharsets.UTF_8);
        }
        if (replacement != null) {
            parts.set(place, replacement);
        }
        return Optional.of(rekor(parts.get(0), parts.get(1), parts.get(2), parts.get(3), parts.get(4), row.expected()));
    }

    private static int place(String what) {
        String name = what.toLowerCase(Locale.ROOT);
        if (name.contains("key")) {
            return 0;
        }
        if (name.contains("cert")) {
            return 2;
        }
        if (name.contains("sig")) {
            return 3;
        }
        if (name.contains("payload")) {
            return 4;
        }
        return name.contains("set") ? 1 : -1;
    }

    private static String rekor(
            byte[] log, byte[] set, byte[] certificate, byte[] signature, byte[] payload, String expected)
            throws Exception {
        byte[] raw;
        try {
            raw = Base64.getDecoder().decode(text(signature).strip());
        } catch (IllegalArgumentException e) {
            return "reject"; // the annotation is refused before anything else is looked at
        }
        try {
            RekorSet verified =
                    RekorSet.verify(List.of(VerificationKey.parse(log, "log")), set, certificate, raw, payload);
            return expected.contains("time=")
                    ? "accept time=" + verified.integratedTime().getEpochSecond()
                    : "accept";
        } catch (SignatureRejectedException e) {
            return "reject";
        }
    }

    private static byte[] resigned(byte[] set, JsonValue body, SigningKey own) throws Exception {
        JsonObject payload =
                (JsonObject) JsonCursor.parse(set).object().required("Payload").value();
        JsonObject.Builder changed = JsonObject.builder();
        payload.members()
                .forEach((name, value) -> changed.put(
                        name,
                        name.equals("body")
                                ? new JsonString(Base64.getEncoder()
                                        .encodeToString(JsonWriter.compact(body).getBytes(StandardCharsets.UTF_8)))
                                : value));
        JsonObject signed = changed.build();
        return JsonWriter.compact(JsonObject.builder()
                        .put(
                                "SignedEntryTimestamp",
                                Base64.getEncoder().encodeToString(own.sign(JsonWriter.canonical(signed))))
                        .put("Payload", signed)
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<JsonValue> body(String note, byte[] set, byte[] payload) throws Exception {
        JsonValue body = JsonCursor.parse(Base64.getDecoder()
                        .decode(JsonCursor.parse(set)
                                .object()
                                .required("Payload")
                                .object()
                                .required("body")
                                .string()))
                .value();
        Matcher delete = DELETE.matcher(note);
        if (delete.matches()) {
            return changed(body, path(delete.group(1)), Optional.empty());
        }
        Matcher put = SET.matcher(note);
        if (!put.matches()) {
            return Optional.empty();
        }
        List<String> path = path(put.group(1));
        String value = put.group(2).strip();
        byte[] otherKey = SigningKey.ec("secp256r1").pem();
        return switch (value) {
            case "null" -> changed(body, path, Optional.of(JsonNull.NULL));
            case "odd hex" -> changed(body, path, Optional.of(new JsonString("123")));
            case "not PEM" -> changed(body, path, Optional.of(base64("not PEM".getBytes(StandardCharsets.UTF_8))));
            case "other key" -> changed(body, path, Optional.of(base64(otherKey)));
            case "2 PEM blocks" ->
                changed(
                        body,
                        path,
                        Optional.of(base64((text(otherKey) + text(otherKey)).getBytes(StandardCharsets.UTF_8))));
            case "mismatch" ->
                changed(
                        body,
                        path,
                        Optional.of(
                                path.getLast().equals("value")
                                        ? new JsonString("ab".repeat(32))
                                        : base64(new byte[] {1, 2, 3})));
            case "sha512 with right sha512" -> {
                Optional<JsonValue> other = changed(body, path, Optional.of(new JsonString("sha512")));
                yield changed(
                        other.orElseThrow(),
                        List.of("hash", "value"),
                        Optional.of(new JsonString(HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-512").digest(payload)))));
            }
            default -> value.contains(" ") ? Optional.empty() : changed(body, path, Optional.of(literal(value)));
        };
    }

    private static JsonValue literal(String text) {
        try {
            return JsonCursor.parse(text).value();
        } catch (JsonException e) {
            return new JsonString(text);
        }
    }

    private static JsonValue base64(byte[] bytes) {
        return new JsonString(Base64.getEncoder().encodeToString(bytes));
    }

    private static List<String> path(String text) {
        return List.of(text.split("\\.", -1));
    }

    /** The value with the member at the end of that path changed or gone; the path may begin anywhere. */
    private static Optional<JsonValue> changed(JsonValue value, List<String> path, Optional<JsonValue> replacement) {
        return value instanceof JsonObject object ? changed(object, List.of(), path, replacement) : Optional.empty();
    }

    private static Optional<JsonValue> changed(
            JsonObject object, List<String> at, List<String> path, Optional<JsonValue> replacement) {
        JsonObject.Builder result = JsonObject.builder();
        boolean found = false;
        for (var member : object.members().entrySet()) {
            List<String> here = new ArrayList<>(at);
            here.add(member.getKey());
            boolean ends = here.size() >= path.size()
                    && here.subList(here.size() - path.size(), here.size()).equals(path);
            if (ends) {
                found = true;
                replacement.ifPresent(value -> result.put(member.getKey(), value));
                continue;
            }
            Optional<JsonValue> below = member.getValue() instanceof JsonObject inner
                    ? changed(inner, here, path, replacement)
                    : Optional.empty();
            found |= below.isPresent();
            result.put(member.getKey(), below.orElse(member.getValue()));
        }
        return found ? Optional.of(result.build()) : Optional.empty();
    }

    // Certificates of a Fulcio: roots, leaf, chain.

    Optional<String> fulcio(ConformanceCase row) throws Exception {
        if (row.input().startsWith("generate")) {
            return generatedFulcio(row.note());
        }
        List<byte[]> files = files(row);
        ConformanceCase model = table.stream()
                .filter(other -> other.kind().equals(row.kind())
                        && INPUT.matcher(other.input()).matches()
                        && (row.input().isEmpty() || other.equals(row)))
                .findFirst()
                .orElse(row);
        Matcher input = INPUT.matcher(model.input());
        if (!input.matches()) {
            return Optional.empty();
        }
        Optional<Instant> modelTime = time(model.note());
        Optional<Changed> changed = Changed.by(row.note(), files.get(1), Optional.of(files.get(2)));
        if (changed.isEmpty()) {
            return Optional.empty();
        }
        Instant at = time(row.note()).or(() -> modelTime).orElseThrow();
        return Optional.of(outcome(() -> new FulcioTrust(Certificates.pem(files.get(0)), input.group(1), input.group(2))
                .verify(changed.get().leaf, changed.get().chain, at)));
    }

    private static Optional<Instant> time(String note) {
        Matcher time = Pattern.compile("time=(\\S+)").matcher(note);
        if (!time.find()) {
            return Optional.empty();
        }
        String text = time.group(1);
        return Optional.of(text.matches("\\d+") ? Instant.ofEpochSecond(Long.parseLong(text)) : Instant.parse(text));
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Changed(byte[] leaf, Optional<byte[]> chain) {
        static Optional<Changed> by(String note, byte[] leaf, Optional<byte[]> chain) {
            Matcher value = VALUE.matcher(note);
            Matcher empty = EMPTY.matcher(note);
            if (note.isEmpty() || note.startsWith("time=")) {
                return Optional.of(new Changed(leaf, chain));
            }
            byte[] replacement = new byte[0];
            String what = note;
            if (value.matches()) {
                what = value.group(1);
                replacement = value.group(2).getBytes(StandardCharsets.UTF_8);
            } else if (empty.matches()) {
                what = empty.group(1);
            } else {
                return Optional.empty();
            }
            return switch (what.strip()) {
                case "leaf" -> Optional.of(new Changed(replacement, chain));
                case "chain" -> Optional.of(new Changed(leaf, Optional.of(replacement)));
                default -> Optional.empty();
            };
        }
    }

    private static Optional<String> generatedFulcio(String note) throws Exception {
        CertificateMint mint = CertificateMint.leaf("CN=leaf").usage(KeyPurposeId.id_kp_codeSigning);
        byte[] raw = ISSUER.getBytes(StandardCharsets.UTF_8);
        byte[] typed = new DERUTF8String(ISSUER).getEncoded();
        boolean emails = false;
        switch (note.replaceAll("\\s*\\(.*?\\)", "").toLowerCase(Locale.ROOT).strip()) {
            case "issuer mismatch" ->
                mint.extension(V1, false, "https://other.example".getBytes(StandardCharsets.UTF_8));
            case "issuer missing", "missing issuer", "no issuer" -> {}
            case "duplicate issuer", "issuer duplicate", "issuer twice" ->
                mint.extension(V1, false, raw).extension(V1, false, raw);
            case "unknown critical ext", "unhandled critical ext" ->
                mint.extension(V1, false, raw).extension("2.25.4711", true, new byte[] {5, 0});
            case "san only othername", "othername in san" -> {
                mint.extension(V1, false, raw).names(true, CertificateMint.otherName());
                emails = true;
            }
            case "no email" -> {
                mint.extension(V1, false, raw);
                emails = true;
            }
            case "3 emails one matches" -> {
                mint.extension(V1, false, raw)
                        .names(false, email("a@example.com"), email(EMAIL), email("c@example.com"));
                emails = true;
            }
            case "3 emails no match", "3 emails none matches", "3 emails, none matches" -> {
                mint.extension(V1, false, raw)
                        .names(false, email("a@example.com"), email("b@example.com"), email("c@example.com"));
                emails = true;
            }
            case "email mismatch" -> {
                mint.extension(V1, false, raw).names(false, email("a@example.com"));
                emails = true;
            }
            case "issuer v2 only" -> mint.extension(V2, false, typed);
            case "issuer v1 only" -> mint.extension(V1, false, raw);
            case "v1 and v2 equal" -> mint.extension(V1, false, raw).extension(V2, false, typed);
            case "v1 and v2 differ" ->
                mint.extension(V1, false, raw)
                        .extension(V2, false, new DERUTF8String("https://other.example").getEncoded());
            case "v2 not a string" -> mint.extension(V2, false, new ASN1Integer(1).getEncoded());
            case "v2 trailing data" ->
                mint.extension(V2, false, HexFormat.of().parseHex(HexFormat.of().formatHex(typed) + "0500"));
            default -> {
                return Optional.empty();
            }
        }
        if (!emails) {
            mint.names(false, email(EMAIL));
        }
        CertificateMint.Minted ca = CertificateMint.root("CN=root");
        return Optional.of(outcome(() -> new FulcioTrust(List.of(ca.certificate()), ISSUER, EMAIL)
                .verify(mint.by(ca).pem(), Optional.empty(), Clocks.NOW)));
    }

    private static GeneralName email(String address) {
        return new GeneralName(GeneralName.rfc822Name, address);
    }

    private static GeneralName host(String name) {
        return new GeneralName(GeneralName.dNSName, name);
    }

    // Certificates of one's own PKI: roots, intermediates, leaf, chain.

    Optional<String> pki(ConformanceCase row) throws Exception {
        if (row.note().startsWith("gen:")) {
            return generatedPki(row.note().substring("gen:".length()).strip());
        }
        List<byte[]> files = files(row);
        boolean configured =
                !row.note().contains("in signature only") && !row.note().contains("no intermediates");
        boolean attached = !row.note().contains("in config only") && !row.note().contains("no intermediates");
        boolean only = !configured || !attached;
        Optional<Changed> changed = Changed.by(
                only ? "" : row.note(), files.get(2), attached ? Optional.of(files.get(3)) : Optional.empty());
        if (changed.isEmpty()) {
            return Optional.empty();
        }
        X509Certificate leaf = Certificates.pem(files.get(2)).getFirst();
        return Optional.of(outcome(() -> new PkiTrust(
                        Certificates.pem(files.get(0)),
                        configured ? Certificates.pem(files.get(1)) : List.of(),
                        name(leaf, GeneralName.rfc822Name),
                        name(leaf, GeneralName.dNSName))
                .verify(changed.get().leaf, changed.get().chain, Clocks.NOW)));
    }

    /** The rows do not say whom they ask for, so the first name that the leaf itself has. */
    private static Optional<String> name(X509Certificate leaf, int type) throws CertificateException {
        return leaf.getSubjectAlternativeNames().stream()
                .filter(name -> name.get(0).equals(type))
                .map(name -> (String) name.get(1))
                .findFirst();
    }

    private static Optional<String> generatedPki(String note) throws Exception {
        CertificateMint mint = CertificateMint.leaf("CN=leaf");
        switch (note.toLowerCase(Locale.ROOT)) {
            case "san only othername" -> mint.names(true, CertificateMint.otherName());
            case "unknown critical ext" ->
                mint.names(false, email(EMAIL), host(HOST)).extension("2.25.4711", true, new byte[] {5, 0});
            case "no dns name" -> mint.names(false, email(EMAIL));
            case "3 dns one matches" ->
                mint.names(false, email(EMAIL), host("a.example.com"), host(HOST), host("c.example.com"));
            case "dns mismatch", "dns name mismatch" -> mint.names(false, email(EMAIL), host("a.example.com"));
            case "3 dns no match", "3 dns none matches" ->
                mint.names(false, email(EMAIL), host("a.example.com"), host("b.example.com"), host("c.example.com"));
            case "no email" -> mint.names(false, host(HOST));
            case "3 emails one matches" ->
                mint.names(false, email("a@example.com"), email(EMAIL), email("c@example.com"), host(HOST));
            case "email mismatch" -> mint.names(false, email("a@example.com"), host(HOST));
            case "3 emails no match", "3 emails none matches" ->
                mint.names(false, email("a@example.com"), email("b@example.com"), host(HOST));
            default -> {
                return Optional.empty();
            }
        }
        CertificateMint.Minted ca = CertificateMint.root("CN=root");
        return Optional.of(
                outcome(() -> new PkiTrust(List.of(ca.certificate()), List.of(), Optional.of(EMAIL), Optional.of(HOST))
                        .verify(mint.by(ca).pem(), Optional.empty(), Clocks.NOW)));
    }

    private interface Verification {
        Object verify() throws Exception;
    }

    private static String outcome(Verification verification) throws Exception {
        try {
            return verification.verify() == null ? "none" : "accept";
        } catch (SignatureRejectedException e) {
            return "reject";
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
