package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A primary key with what a ring has of it, as it is collected: user IDs, subkeys, and the signatures over each. Spec: RFC
 * 9580 section 10.1.
 */
final class RingKey {
    private final OpenPgpKey primary;
    private final Signatures overPrimary = new Signatures(new byte[0]);
    private final Map<ByteBuffer, Signatures> overUsers = new LinkedHashMap<>();
    private final Map<String, Signatures> overSubkeys = new LinkedHashMap<>();
    private final Map<String, OpenPgpKey> subkeys = new LinkedHashMap<>();
    private Signatures current = overPrimary;

    RingKey(OpenPgpKey primary) {
        this.primary = requireNonNull(primary, "primary is null");
    }

    /** The bodies of the signatures over one thing, each once. */
    private static final class Signatures {
        private final byte[] over;
        private final Map<ByteBuffer, byte[]> bodies = new LinkedHashMap<>();

        /** Signatures over this, which is hashed after the primary key. */
        Signatures(byte[] over) {
            this.over = over;
        }

        void add(byte[] body) {
            bodies.put(ByteBuffer.wrap(body), body);
        }

        Collection<byte[]> all() {
            return bodies.values();
        }
    }

    /** What follows is over the primary key. */
    void atPrimary() {
        current = overPrimary;
    }

    /** What follows is over this user ID or attribute. */
    void atUser(OpenPgpPacket packet) {
        byte[] hashed = ByteBuffer.allocate(packet.body().length + 5)
                .put((byte) (packet.tag() == OpenPgpPacket.USER_ID ? 0xb4 : 0xd1))
                .putInt(packet.body().length)
                .put(packet.body())
                .array();
        current = overUsers.computeIfAbsent(ByteBuffer.wrap(hashed), user -> new Signatures(hashed));
    }

    /** What follows is over this subkey. */
    void atSubkey(OpenPgpKey subkey) {
        subkeys.putIfAbsent(subkey.fingerprint(), subkey);
        current = overSubkeys.computeIfAbsent(subkey.fingerprint(), fingerprint -> new Signatures(subkey.hashed()));
    }

    /** What follows is over something that is passed over. */
    void atNothing() {
        current = new Signatures(new byte[0]);
    }

    /** A signature over what it follows; a revocation of the primary key is one wherever it stands, as where files were joined. */
    void addSignature(byte[] body) {
        (OpenPgpSignature.typeOf(body) == OpenPgpSignature.KEY_REVOCATION ? overPrimary : current).add(body);
    }

    OpenPgpKey primary() {
        return primary;
    }

    /** The keys that may have signed something: the primary key first. */
    List<SigningKey> signingKeys() {
        Verified direct = verified(overPrimary, OpenPgpSignature.DIRECT_KEY, OpenPgpSignature.KEY_REVOCATION);
        List<OpenPgpSignature> certifications = new ArrayList<>();
        overUsers.values().forEach(user -> latestCertification(user).ifPresent(certifications::add));
        List<OpenPgpSignature> self = Stream.concat(latest(direct.good()).stream(), latest(certifications).stream())
                .toList();
        Set<String> revokers = new LinkedHashSet<>();
        Stream.concat(direct.good().stream(), certifications.stream())
                .forEach(signature -> revokers.addAll(signature.revocationKeys()));
        boolean primaryRevoked =
                direct.revoked() || revokedByOther(overPrimary, OpenPgpSignature.KEY_REVOCATION, revokers);
        List<SigningKey> keys = new ArrayList<>();
        keys.add(new SigningKey(primary, primary, primaryRevoked, false, self, Optional.empty()));
        subkeys.forEach((fingerprint, subkey) -> {
            Signatures over = requireNonNull(overSubkeys.get(fingerprint), "a subkey without its signatures");
            Verified bindings = verified(over, OpenPgpSignature.SUBKEY_BINDING, OpenPgpSignature.SUBKEY_REVOCATION);
            boolean revoked = bindings.revoked() || revokedByOther(over, OpenPgpSignature.SUBKEY_REVOCATION, revokers);
            keys.add(new SigningKey(primary, subkey, primaryRevoked, revoked, self, latest(bindings.good())));
        });
        return keys;
    }

    /** The latest self signature over a user ID, unless it was revoked then or later. */
    private Optional<OpenPgpSignature> latestCertification(Signatures user) {
        List<OpenPgpSignature> good = new ArrayList<>();
        List<OpenPgpSignature> revocations = new ArrayList<>();
        for (byte[] body : user.all()) {
            readable(body).ifPresent(signature -> {
                boolean certifies = signature.type() >= OpenPgpSignature.CERTIFICATION_FIRST
                        && signature.type() <= OpenPgpSignature.CERTIFICATION_LAST;
                boolean revokes = signature.type() == OpenPgpSignature.CERTIFICATION_REVOCATION;
                if ((certifies || revokes) && isGood(signature, user)) {
                    (revokes ? revocations : good).add(signature);
                }
            });
        }
        return latest(good)
                .filter(signature -> revocations.stream()
                        .allMatch(revocation -> revocation.created().isBefore(signature.created())));
    }

    /** The signatures that verified, and whether a revocation stands. */
    private record Verified(List<OpenPgpSignature> good, boolean revoked) {}

    private Verified verified(Signatures signatures, int type, int revocation) {
        List<OpenPgpSignature> good = new ArrayList<>();
        boolean revoked = false;
        for (byte[] body : signatures.all()) {
            if (OpenPgpSignature.typeOf(body) == revocation) {
                revoked |= revokes(body, signatures);
            } else {
                readable(body)
                        .filter(signature -> signature.type() == type && isGood(signature, signatures))
                        .ifPresent(good::add);
            }
        }
        return new Verified(good, revoked);
    }

    /** A revocation counts unless it is certainly none of the primary key's: unreadable or by a weak hash, it does. */
    private boolean revokes(byte[] body, Signatures signatures) {
        try {
            OpenPgpSignature signature = OpenPgpSignature.parse(body);
            if (!signature.mayBeOf(primary)) {
                return false;
            }
            primary.verify(signature, primary.hashed(), signatures.over);
            return true;
        } catch (MismatchException e) {
            return false;
        } catch (OpenPgpException e) {
            return true;
        }
    }

    /** Whether a key that the primary key names as its revoker has made a revocation; the ring need not have that key. */
    private boolean revokedByOther(Signatures signatures, int revocation, Set<String> revokers) {
        return signatures.all().stream()
                .filter(body -> OpenPgpSignature.typeOf(body) == revocation)
                .flatMap(body -> readable(body).stream())
                .anyMatch(signature -> revokers.stream().anyMatch(signature::mayBeOf));
    }

    private boolean isGood(OpenPgpSignature signature, Signatures signatures) {
        if (!signature.mayBeOf(primary)) {
            return false;
        }
        try {
            primary.verify(signature, primary.hashed(), signatures.over);
            return true;
        } catch (MismatchException | OpenPgpException e) {
            return false;
        }
    }

    private static Optional<OpenPgpSignature> readable(byte[] body) {
        try {
            return Optional.of(OpenPgpSignature.parse(body));
        } catch (OpenPgpException e) {
            return Optional.empty();
        }
    }

    /** Of those that were made in the same second, the last. */
    private static Optional<OpenPgpSignature> latest(List<OpenPgpSignature> signatures) {
        return signatures.stream().reduce((one, other) -> other.created().isBefore(one.created()) ? one : other);
    }
}
