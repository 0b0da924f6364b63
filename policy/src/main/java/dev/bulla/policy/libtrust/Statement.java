package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What an authority says about who may sign what: a JSON object under libtrust signatures whose certificates go back to a root.
 *
 * <p>{@code {"version": n, "issuedAt": time, "expiration": time, "grants": [{"subject", "permission", "grantee"}],
 * "revocations": [{"subject", "revocation", "grantee"}]}}. Times are RFC 3339's, {@code version} is ours and may be missing
 * (then it is 0), {@code grants} and {@code revocations} may be null. Source: docker/libtrust trustgraph/statement.go.
 *
 * <p><b>Security.</b> Every signature needs a chain to one of the roots: libtrust passes over those that have none and is
 * content when nothing is left. A certificate that limits its uses must be for code signing, so that none which a root
 * gave a server speaks for name spaces; libtrust, by Go's default, asks for a server's.
 *
 * @param version which edition the authority calls it; 0 where it says nothing
 * @param issuedAt since when it holds
 * @param expiration until when
 * @param grants what it gives
 * @param revocations what it takes away
 * @param keyIds the ids of the keys of all certificates that vouch for it
 */
public record Statement(
        long version,
        Instant issuedAt,
        Instant expiration,
        List<Grant> grants,
        List<Grant> revocations,
        Set<String> keyIds) {
    /** The most bytes of a signed statement. */
    public static final int MAX_LENGTH = 256 * 1024;

    /** The extended key usage of those who sign statements, where their certificates limit it. */
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";

    private static final Pattern TIME = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})");

    public Statement {
        requireNonNull(issuedAt, "issuedAt is null");
        requireNonNull(expiration, "expiration is null");
        grants = List.copyOf(grants);
        revocations = List.copyOf(revocations);
        keyIds = Set.copyOf(keyIds);
    }

    /**
     * Verifies a signed statement.
     *
     * @param content either form of {@link VerifiedPayload}
     * @param roots whose word is taken
     * @param time what time it can be
     * @return the statement; without grants, revocations and keys when it has certainly expired, whatever the host's clock
     *     says, and then nobody asks who signed it
     * @throws SignatureRejectedException when it is none, is issued in the future, or is not signed under a root
     */
    public static Statement verify(byte[] content, List<X509Certificate> roots, TrustedTime time)
            throws SignatureRejectedException {
        if (content.length > MAX_LENGTH) {
            throw new SignatureRejectedException(
                    SignatureCheck.LENGTH, "the statement has " + content.length + " bytes, limit " + MAX_LENGTH);
        }
        VerifiedPayload payload = VerifiedPayload.verify(content);
        Statement unproven;
        try {
            unproven = read(new JsonCursor(payload.json(), "$").object());
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.PAYLOAD, "the statement: " + e.getMessage(), e);
        }
        if (unproven.expiration.isBefore(time.floor())) {
            return unproven.with(List.of(), List.of(), Set.of());
        }
        Set<String> keyIds = new TreeSet<>();
        for (LibtrustSigner signer : payload.signers()) {
            keyIds.addAll(vouched(signer, roots, time.now()).keyIds());
        }
        if (unproven.issuedAt.isAfter(time.now())) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIME,
                    "the statement is issued at " + unproven.issuedAt + ", and now is " + time.now());
        }
        return unproven.with(unproven.grants, unproven.revocations, keyIds);
    }

    private Statement with(List<Grant> given, List<Grant> taken, Set<String> keys) {
        return new Statement(version, issuedAt, expiration, given, taken, keys);
    }

    private static CertificatePath vouched(LibtrustSigner signer, List<X509Certificate> roots, Instant now)
            throws SignatureRejectedException {
        if (signer.chain().isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the statement's signature by " + signer.keyId() + " has no certificates (x5c)");
        }
        CertificatePath path = CertificatePath.verify(
                signer.chain().getFirst(),
                signer.chain().subList(1, signer.chain().size()),
                roots,
                now);
        path.requireUsage(CODE_SIGNING);
        boolean[] usage = path.leaf().getKeyUsage();
        if (usage != null && !usage[0]) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE,
                    "the certificate " + CertificatePath.name(path.leaf()) + " is not for digital signatures");
        }
        return path;
    }

    private static Statement read(JsonCursor.Members members) throws JsonException {
        members.allowOnly("version", "issuedAt", "expiration", "grants", "revocations");
        Optional<JsonCursor> version = members.optional("version");
        JsonCursor expirationValue = members.required("expiration");
        Instant issuedAt = time(members.required("issuedAt"));
        Instant expiration = time(expirationValue);
        if (expiration.isBefore(issuedAt)) {
            throw expirationValue.refuse("it expires at " + expiration + ", before it is issued at " + issuedAt);
        }
        return new Statement(
                version.isPresent() ? version.get().integer(0, Long.MAX_VALUE) : 0,
                issuedAt,
                expiration,
                lines(members, "grants", "permission"),
                lines(members, "revocations", "revocation"),
                Set.of());
    }

    private static Instant time(JsonCursor value) throws JsonException {
        String text = value.string();
        if (TIME.matcher(text).matches()) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                // no such day or hour: refused below
            }
        }
        throw value.refuse("got " + Quoted.text(text) + ", expected a time such as 2026-01-31T12:00:00Z");
    }

    private static List<Grant> lines(JsonCursor.Members members, String name, String bits) throws JsonException {
        // Go writes a list that was never begun as null.
        Optional<JsonCursor> value = members.present(name);
        if (value.isEmpty()) {
            return List.of();
        }
        List<Grant> lines = new ArrayList<>();
        for (JsonCursor item : value.get().array()) {
            JsonCursor.Members line = item.object();
            line.allowOnly("subject", bits, "grantee");
            lines.add(new Grant(
                    node(line.required("subject")),
                    (int) line.required(bits).integer(1, Permission.ALL),
                    grantee(line.required("grantee"))));
        }
        return lines;
    }

    private static String node(JsonCursor value) throws JsonException {
        String text = value.string();
        if (!NodeName.isName(text)) {
            throw value.refuse("got " + Quoted.text(text) + ", expected a node such as /host/path");
        }
        return text;
    }

    private static String grantee(JsonCursor value) throws JsonException {
        String text = value.string();
        if (!LibtrustSigner.isKeyId(text) && !NodeName.isName(text)) {
            throw value.refuse("got " + Quoted.text(text) + ", expected a key's id or a node such as /host/path");
        }
        return text;
    }
}
