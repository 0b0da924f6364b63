package dev.bulla.policy.lint;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.policy.openpgp.KeyRingReader;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.VerificationKey;
import dev.bulla.policy.time.TrustedTime;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the keys and certificates that a policy names, and finds those that are not to be had, weak or expired. */
final class KeyLint {
    /** The most bytes of a file with keys, as an evaluation takes them. */
    static final int MAX_LENGTH = 256 * 1024;

    /** RSA keys below it are told of: 3072 bits match the strength of P-256. */
    static final int GOOD_RSA_BITS = 3072;

    /** How long before its end a certificate's end is told of. */
    static final Duration SOON = Duration.ofDays(30);

    private static final Pattern FIELD = Pattern.compile("(.+?)(Path|Data)s?");
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");
    private static final String DENIES = "an evaluation that needs it denies, even where another key would do";

    private final ResourceSource files;
    private final Optional<Path> baseFolder;
    private final TrustedTime time;

    KeyLint(ResourceSource files, Optional<Path> baseFolder, TrustedTime time) {
        this.files = requireNonNull(files, "files is null");
        this.baseFolder = requireNonNull(baseFolder, "baseFolder is null");
        this.time = requireNonNull(time, "time is null");
    }

    /** What a field of keys holds. */
    private enum Kind {
        PUBLIC_KEY,
        CERTIFICATES,
        KEY_RING,
        /** Public key or certificates, or what only its requirement knows. */
        ANY
    }

    /** Looks at every field of keys within the value. */
    void findings(JsonCursor value, List<Finding> findings) throws JsonException {
        within(value, "", findings);
    }

    private void within(JsonCursor value, String type, List<Finding> findings) throws JsonException {
        switch (value.value()) {
            case JsonArray array -> {
                for (JsonCursor item : value.array()) {
                    within(item, type, findings);
                }
            }
            case JsonObject object -> {
                JsonCursor.Members members = value.object();
                String here = object.members().get("type") instanceof JsonString written ? written.value() : type;
                for (Map.Entry<String, JsonCursor> member : members.all().entrySet()) {
                    Matcher field = FIELD.matcher(member.getKey());
                    if (field.matches() && isText(member.getValue())) {
                        Kind kind = kind(here, field.group(1));
                        boolean inline = field.group(2).equals("Data");
                        if (member.getValue().value() instanceof JsonArray) {
                            for (JsonCursor item : member.getValue().array()) {
                                key(item, inline, kind, findings);
                            }
                        } else {
                            key(member.getValue(), inline, kind, findings);
                        }
                    } else {
                        within(member.getValue(), here, findings);
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean isText(JsonCursor value) {
        return switch (value.value()) {
            case JsonString text -> true;
            case JsonArray array -> array.items().stream().allMatch(JsonString.class::isInstance);
            default -> false;
        };
    }

    private static Kind kind(String type, String field) {
        return switch (field) {
            case "rekorPublicKey" -> Kind.PUBLIC_KEY;
            case "ca", "caRoots", "caIntermediates", "certificate" -> Kind.CERTIFICATES;
            case "key" ->
                switch (type) {
                    case "signedBy" -> Kind.KEY_RING;
                    case "sigstoreSigned" -> Kind.PUBLIC_KEY;
                    default -> Kind.ANY;
                };
            default -> Kind.ANY;
        };
    }

    private void key(JsonCursor value, boolean inline, Kind kind, List<Finding> findings) throws JsonException {
        byte[] bytes;
        try {
            Optional<byte[]> read = inline ? base64(value.string()) : read(value, findings);
            if (read.isEmpty()) {
                return;
            }
            bytes = read.get();
        } catch (ResourceException e) {
            findings.add(Finding.warning(
                    value.path(),
                    "the key is not to be had: " + e.getMessage(),
                    DENIES,
                    "put it there, or mend the path"));
            return;
        }
        String shown = inline ? "it" : Quoted.text(value.string());
        check(value.path(), shown, bytes, kind, findings);
    }

    /** The bytes, where the text is base64: whatever else a requirement of another room calls its data is not looked at. */
    private static Optional<byte[]> base64(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text.replace("\r", "").replace("\n", "")));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<byte[]> read(JsonCursor value, List<Finding> findings) throws JsonException, ResourceException {
        String text = value.string();
        if (text.startsWith("kbs://")) {
            findings.add(Finding.note(
                    value.path(),
                    Quoted.text(text) + " was not looked at",
                    "it is released to an attested guest only",
                    "see that the KBS has it and that its policy releases it"));
            return Optional.empty();
        }
        Matcher scheme = SCHEME.matcher(text);
        if (scheme.matches() && !text.startsWith("file:///")) {
            findings.add(Finding.warning(
                    value.path(),
                    Quoted.text(text) + " is taken as the name of a file",
                    "keys are read from files and kbs:///, never from "
                            + scheme.group(1).toLowerCase(Locale.ROOT) + ":",
                    "write a path, or kbs:///repository/type/tag"));
            return Optional.empty();
        }
        try {
            URI uri;
            if (text.startsWith("file:///")) {
                uri = new URI(text);
            } else {
                Path path = Path.of(text);
                if (!path.isAbsolute()) {
                    if (baseFolder.isEmpty()) {
                        findings.add(Finding.warning(
                                value.path(),
                                Quoted.text(text) + " is relative, and this policy is in no folder",
                                DENIES,
                                "write an absolute path, or kbs:///repository/type/tag"));
                        return Optional.empty();
                    }
                    findings.add(Finding.note(
                            value.path(),
                            Quoted.text(text) + " is relative to the policy's file",
                            "a policy that a KBS delivers may have no relative paths",
                            "nothing for a policy in a file; else put the key into the policy, or into the KBS"));
                    path = baseFolder.get().resolve(path);
                }
                uri = new URI("file", "", path.toString(), null);
            }
            return Optional.of(files.fetch(uri, MAX_LENGTH));
        } catch (URISyntaxException | InvalidPathException e) {
            findings.add(Finding.warning(
                    value.path(), Quoted.text(text) + " is neither a path nor a URI", DENIES, "mend it"));
            return Optional.empty();
        }
    }

    private void check(String path, String shown, byte[] bytes, Kind kind, List<Finding> findings) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        if (text.contains("PRIVATE KEY")) {
            findings.add(Finding.warning(
                    path,
                    shown + " holds a private key",
                    "a policy needs the public half alone, and whoever reads this signs in your name",
                    "remove it, make a new key pair, and name the public key"));
            return;
        }
        Kind looked = kind == Kind.ANY ? guess(text) : kind;
        switch (looked) {
            case PUBLIC_KEY -> publicKey(path, bytes, findings);
            case CERTIFICATES -> certificates(path, shown, bytes, text, findings);
            case KEY_RING -> keyRing(path, shown, bytes, findings);
            case ANY -> {
                if (bytes.length == 0) {
                    findings.add(Finding.warning(path, shown + " is empty", DENIES, "put the key there"));
                }
            }
        }
    }

    private static Kind guess(String text) {
        if (text.contains("-----BEGIN CERTIFICATE-----")) {
            return Kind.CERTIFICATES;
        }
        return text.contains("-----BEGIN PUBLIC KEY-----") ? Kind.PUBLIC_KEY : Kind.ANY;
    }

    private static void publicKey(String path, byte[] bytes, List<Finding> findings) {
        try {
            weak(path, "it", VerificationKey.parse(bytes, path).publicKey(), findings);
        } catch (KeyMaterialException e) {
            findings.add(Finding.warning(
                    path,
                    "it is no key that verifies: " + e.getMessage(),
                    DENIES,
                    "name one public key in PEM: ECDSA (P-256, P-384, P-521), RSA of at least "
                            + VerificationKey.MIN_RSA_BITS + " bits, or Ed25519"));
        }
    }

    private static void weak(String path, String shown, PublicKey key, List<Finding> findings) {
        if (key instanceof RSAPublicKey rsa) {
            int bits = rsa.getModulus().bitLength();
            if (bits < VerificationKey.MIN_RSA_BITS) {
                findings.add(Finding.warning(
                        path,
                        shown + " is an RSA key of " + bits + " bits",
                        "it is within reach of who tries hard",
                        "make one of at least " + GOOD_RSA_BITS + " bits, or of P-256"));
            } else if (bits < GOOD_RSA_BITS) {
                findings.add(Finding.note(
                        path,
                        shown + " is an RSA key of " + bits + " bits",
                        "it is good for a few years only",
                        "make the next one of " + GOOD_RSA_BITS + " bits, or of P-256"));
            }
        }
    }

    private void certificates(String path, String shown, byte[] bytes, String text, List<Finding> findings) {
        List<X509Certificate> certificates;
        try {
            certificates = text.contains("-----BEGIN") ? Certificates.pem(bytes) : List.of(Certificates.der(bytes));
        } catch (CertificateException e) {
            findings.add(Finding.warning(
                    path,
                    shown + " holds no certificates: " + e.getMessage(),
                    DENIES,
                    "name X.509 certificates in PEM"));
            return;
        }
        Instant now = time.now();
        for (X509Certificate certificate : certificates) {
            String subject = "the certificate "
                    + Quoted.text(certificate.getSubjectX500Principal().getName());
            Instant end = certificate.getNotAfter().toInstant();
            Instant begin = certificate.getNotBefore().toInstant();
            if (end.isBefore(now)) {
                findings.add(Finding.warning(
                        path,
                        subject + " has expired on " + end,
                        "nothing that it vouches for after that is accepted",
                        "name its successor"));
            } else if (begin.isAfter(now)) {
                findings.add(Finding.warning(
                        path,
                        subject + " begins on " + begin + " only",
                        "nothing that it vouches for before that is accepted",
                        "wait, or name its predecessor too"));
            } else if (end.isBefore(now.plus(SOON))) {
                findings.add(Finding.note(
                        path, subject + " expires on " + end, "it is soon", "name its successor beside it"));
            }
            weak(path, subject, certificate.getPublicKey(), findings);
            String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
            boolean selfSigned = certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
            if (!selfSigned && (algorithm.startsWith("SHA1") || algorithm.startsWith("MD"))) {
                findings.add(Finding.warning(
                        path,
                        subject + " is signed with " + certificate.getSigAlgName(),
                        "such a signature can be forged",
                        "have it issued anew"));
            }
        }
    }

    /** An OpenPGP key ring, as far as its first bytes tell. */
    private static void keyRing(String path, String shown, byte[] bytes, List<Finding> findings) {
        String problem = "";
        try {
            KeyRingReader reader = new KeyRingReader();
            reader.add(bytes, path);
            if (!reader.ring().fingerprints().isEmpty()) {
                return;
            }
        } catch (KeyMaterialException e) {
            problem = ": " + e.getMessage();
        }
        findings.add(Finding.warning(
                path,
                shown + " holds no OpenPGP keys" + problem,
                DENIES,
                "name the output of: gpg --export [--armor] KEY"));
    }
}
