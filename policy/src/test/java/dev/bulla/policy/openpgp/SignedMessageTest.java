package dev.bulla.policy.openpgp;

import static dev.bulla.policy.openpgp.OpenPgpOwner.concat;
import static dev.bulla.policy.openpgp.OpenPgpOwner.literal;
import static dev.bulla.policy.openpgp.OpenPgpOwner.packet;
import static dev.bulla.policy.openpgp.OpenPgpOwner.zip;
import static dev.bulla.policy.openpgp.OpenPgpOwner.zlib;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.openpgp.PGPSignature;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignedMessageTest {
    private static final byte[] CONTENT = "a statement".getBytes(StandardCharsets.UTF_8);
    private static final Instant SIGNED = Instant.parse("2025-06-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final int UNKNOWN_SUBPACKET = 105;

    private OpenPgpOwner owner;
    private KeyRing ring;
    private PGPSignature signature;
    private byte[] message;

    @BeforeAll
    void signOnce() throws Exception {
        owner = OpenPgpOwner.ed25519();
        ring = ring(owner.ring());
        signature = owner.make(SIGNED).overData(0, CONTENT);
        message = owner.message(CONTENT, signature);
    }

    private static KeyRing ring(byte[] file) throws Exception {
        KeyRingReader reader = new KeyRingReader();
        reader.add(file, "ring");
        return reader.ring();
    }

    private void accepted(byte[] bytes) throws Exception {
        assertThat(SignedMessage.verify(bytes, ring, NOW).content()).isEqualTo(CONTENT);
    }

    private static void refused(byte[] bytes, KeyRing ring, Instant now, SignatureCheck check, String reason) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SignedMessage.verify(bytes, ring, now))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.check()).isEqualTo(check))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private void refused(byte[] bytes, SignatureCheck check, String reason) {
        refused(bytes, ring, NOW, check, reason);
    }

    private void malformed(byte[] bytes, String reason) {
        refused(bytes, SignatureCheck.FORMAT, reason);
    }

    private static byte[] body(PGPSignature signature) throws Exception {
        return OpenPgpPacket.readAll(signature.getEncoded(), 1).getFirst().body();
    }

    @Test
    void verify_signed_givesContentAndSigner() throws Exception {
        VerifiedMessage verified = SignedMessage.verify(message, ring, NOW);
        assertThat(verified.content()).isEqualTo(CONTENT);
        assertThat(verified.signer().id()).isEqualTo("openpgp:" + owner.fingerprint());
        assertThat(verified.signer().revocationIds()).isEqualTo(Set.of("openpgp:" + owner.fingerprint()));
        assertThat(verified.signer().signedAt()).isEmpty();
    }

    @Test
    void verify_compressedOnce_accepted() throws Exception {
        accepted(zip(message));
        accepted(zlib(message));
    }

    @Test
    void verify_indeterminateAndPartialLengths_accepted() throws Exception {
        byte[] body = OpenPgpPacket.readAll(zip(message), 1).getFirst().body();
        accepted(concat(new byte[] {(byte) 0xa3}, body));
        byte[] literal =
                OpenPgpPacket.readAll(literal('b', CONTENT), 1).getFirst().body();
        byte[] partial = concat(
                new byte[] {(byte) 0xcb, (byte) (224 + 3)},
                Arrays.copyOf(literal, 8),
                new byte[] {(byte) (literal.length - 8)},
                Arrays.copyOfRange(literal, 8, literal.length));
        accepted(concat(owner.onePass(signature), partial, signature.getEncoded()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
    void verify_ecdsa_accepted(String curve) throws Exception {
        OpenPgpOwner key = OpenPgpOwner.ecdsa(curve);
        assertThat(SignedMessage.verify(key.message(CONTENT, SIGNED), ring(key.ring()), NOW)
                        .content())
                .isEqualTo(CONTENT);
    }

    @Test
    void verify_ed25519ByItsNewId_accepted() throws Exception {
        OpenPgpOwner key = OpenPgpOwner.ed25519ByItsNewId();
        assertThat(SignedMessage.verify(key.message(CONTENT, SIGNED), ring(key.ring()), NOW)
                        .content())
                .isEqualTo(CONTENT);
    }

    @Test
    void verify_rsaAtAndUnderItsLimit_acceptedAndRefused() throws Exception {
        OpenPgpOwner key = OpenPgpOwner.rsa(OpenPgpKey.MIN_RSA_BITS);
        assertThat(SignedMessage.verify(key.message(CONTENT, SIGNED), ring(key.ring()), NOW)
                        .content())
                .isEqualTo(CONTENT);
        OpenPgpOwner small = OpenPgpOwner.rsa(OpenPgpKey.MIN_RSA_BITS - 8);
        refused(
                small.message(CONTENT, SIGNED),
                ring(small.ring()),
                NOW,
                SignatureCheck.SIGNATURE,
                "an RSA key of 2040 bits");
    }

    @Test
    void verify_dsa_refused() throws Exception {
        OpenPgpOwner key = OpenPgpOwner.dsa();
        refused(
                key.message(CONTENT, SIGNED),
                ring(key.ring()),
                NOW,
                SignatureCheck.SIGNATURE,
                "a key of the algorithm 17");
    }

    @Test
    void verify_ed448_refused() throws Exception {
        OpenPgpOwner key = OpenPgpOwner.of(
                PublicKeyAlgorithmTags.Ed448,
                KeyPairGenerator.getInstance("Ed448").generateKeyPair(),
                OpenPgpOwner.CREATED);
        refused(
                key.message(
                        CONTENT, key.make(SIGNED).hash(HashAlgorithmTags.SHA512).overData(0, CONTENT)),
                ring(key.ring(
                        List.of(),
                        List.of(key.make(OpenPgpOwner.CREATED)
                                .hash(HashAlgorithmTags.SHA512)
                                .flags(OpenPgpOwner.SIGN)
                                .overUser(0x13, OpenPgpOwner.USER, key)))),
                NOW,
                SignatureCheck.SIGNATURE,
                "a key of the algorithm 28");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                HashAlgorithmTags.SHA384,
                HashAlgorithmTags.SHA512,
                HashAlgorithmTags.SHA3_256,
                HashAlgorithmTags.SHA3_512
            })
    void verify_strongHash_accepted(int hash) throws Exception {
        accepted(owner.message(CONTENT, owner.make(SIGNED).hash(hash).overData(0, CONTENT)));
    }

    @ParameterizedTest
    @ValueSource(ints = {HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1, HashAlgorithmTags.SHA224})
    void verify_weakHash_refused(int hash) throws Exception {
        refused(
                owner.message(CONTENT, owner.make(SIGNED).hash(hash).overData(0, CONTENT)),
                SignatureCheck.SIGNATURE,
                "the hash");
    }

    @Test
    void verify_otherContent_refused() throws Exception {
        refused(owner.message(new byte[] {1}, signature), SignatureCheck.SIGNATURE, "not of the key");
    }

    @Test
    void verify_anyBitOfTheMessage_refusedOrTheSameContent() throws Exception {
        for (int i = 0; i < message.length * 8; i += 5) {
            byte[] flipped = message.clone();
            flipped[i / 8] ^= (byte) (1 << i % 8);
            try {
                assertThat(SignedMessage.verify(flipped, ring, NOW).content()).isEqualTo(CONTENT);
            } catch (SignatureRejectedException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }

    @Test
    void verify_keyNotInTheRing_refused() throws Exception {
        refused(
                OpenPgpOwner.ed25519().message(CONTENT, SIGNED),
                SignatureCheck.SIGNATURE,
                "none of the 1 keys of the key ring");
    }

    @Test
    void verify_narrowedRing_refused() throws Exception {
        assertThat(ring.only(Set.of(owner.fingerprint())).fingerprints()).containsExactly(owner.fingerprint());
        refused(message, ring.only(Set.of("0")), NOW, SignatureCheck.SIGNATURE, "none of the 0 keys");
    }

    @Test
    void verify_empty_refused() {
        malformed(new byte[0], "it is empty");
    }

    @Test
    void verify_literalOnly_refused() {
        malformed(literal('b', CONTENT), "packets of the tags [11]");
        malformed(zip(literal('b', CONTENT)), "packets of the tags [11]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 9, 18, 20})
    void verify_encrypted_refused(int tag) throws Exception {
        malformed(packet(tag, new byte[] {1, 2, 3}), "it is encrypted");
        malformed(concat(message, packet(tag, new byte[] {1})), "more than 3 packets");
    }

    @Test
    void verify_cleartextSigned_refused() {
        malformed("-----BEGIN PGP SIGNED MESSAGE-----\n".getBytes(StandardCharsets.US_ASCII), "no packet at byte 0");
    }

    @Test
    void verify_severalSignatures_refused() throws Exception {
        malformed(concat(message, signature.getEncoded()), "more than 3 packets");
        malformed(
                concat(
                        owner.onePass(0, 8, 0),
                        owner.onePass(signature),
                        literal('b', CONTENT),
                        signature.getEncoded(),
                        signature.getEncoded()),
                "more than 3 packets");
        malformed(
                concat(owner.onePass(0, 8, 0), literal('b', CONTENT), signature.getEncoded()), "announces another of");
    }

    @Test
    void verify_signedAndUnsignedLiterals_refused() throws Exception {
        malformed(concat(literal('b', CONTENT), message), "more than 3 packets");
        malformed(concat(message, literal('b', CONTENT)), "more than 3 packets");
        malformed(
                concat(owner.onePass(signature), literal('b', CONTENT), literal('b', CONTENT)),
                "of the tags [4, 11, 11]");
    }

    @Test
    void verify_signatureBeforeOrWithoutLiteral_refused() throws Exception {
        malformed(concat(signature.getEncoded(), literal('b', CONTENT)), "packets of the tags [2, 11]");
        malformed(signature.getEncoded(), "packets of the tags [2]");
    }

    @Test
    void verify_trailingBytes_refused() throws Exception {
        malformed(concat(message, new byte[] {0}), "more than 3 packets");
        malformed(concat(zip(message), new byte[] {0}), "no packet at byte");
        malformed(concat(zip(message), message), "packets");
        byte[] body = OpenPgpPacket.readAll(zip(message), 1).getFirst().body();
        malformed(packet(8, concat(body, new byte[] {0})), "bytes after the compressed data");
        malformed(
                concat(owner.onePass(signature), literal('b', CONTENT), packet(2, concat(body(signature), new byte[] {0
                }))),
                "not in its one form");
    }

    @Test
    void verify_truncated_refused() {
        for (int length = 1; length < message.length; length++) {
            malformed(Arrays.copyOf(message, length), "not one signed OpenPGP message");
        }
        byte[] compressed = zip(message);
        byte[] body = Arrays.copyOfRange(compressed, 6, compressed.length - 1);
        malformed(packet(8, body), "breaks off");
    }

    @Test
    void verify_nestedCompression_refused() {
        malformed(zip(zip(message)), "within compressed data");
        malformed(zip(zip(zip(message))), "within compressed data");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 4, 110})
    void verify_otherCompression_refused(int algorithm) {
        malformed(
                packet(8, concat(new byte[] {(byte) algorithm}, message)), "compressed by the algorithm " + algorithm);
    }

    @Test
    void verify_notDeflated_refused() {
        malformed(packet(8, new byte[] {1, 7, 7, 7}), "cannot be inflated");
        malformed(packet(8, new byte[] {1}), "breaks off");
        malformed(packet(8, new byte[0]), "compressed by the algorithm -1");
    }

    @Test
    void verify_inflatedLengthAtAndOverItsLimit_acceptedAndRefused() throws Exception {
        byte[] frame = owner.message(new byte[0], owner.make(SIGNED).overData(0, new byte[0]));
        byte[] content = new byte[SignedMessage.MAX_INFLATED_LENGTH - frame.length];
        byte[] whole = owner.message(content, owner.make(SIGNED).overData(0, content));
        assertThat(whole).hasSize(SignedMessage.MAX_INFLATED_LENGTH);
        assertThat(SignedMessage.verify(zip(whole), ring, NOW).content()).hasSize(content.length);
        byte[] more = new byte[content.length + 1];
        refused(
                zip(owner.message(more, owner.make(SIGNED).overData(0, more))),
                SignatureCheck.LENGTH,
                "inflates to more than");
    }

    @Test
    void verify_bomb_refused() {
        byte[] bomb = zip(new byte[64 * 1024 * 1024]);
        assertThat(bomb.length).isLessThan(128 * 1024);
        refused(bomb, SignatureCheck.LENGTH, "inflates to more than");
    }

    @Test
    void verify_lengthAtAndOverItsLimit_acceptedAndRefused() throws Exception {
        byte[] frame = owner.message(new byte[0], owner.make(SIGNED).overData(0, new byte[0]));
        byte[] content = new byte[SignedMessage.MAX_LENGTH - frame.length];
        byte[] whole = owner.message(content, owner.make(SIGNED).overData(0, content));
        assertThat(SignedMessage.verify(whole, ring, NOW).content()).hasSize(content.length);
        refused(Arrays.copyOf(whole, whole.length + 1), SignatureCheck.LENGTH, "limit " + SignedMessage.MAX_LENGTH);
    }

    @Test
    void verify_onePassOfAnotherSignature_refused() throws Exception {
        byte[] rest = concat(literal('b', CONTENT), signature.getEncoded());
        malformed(concat(owner.onePass(1, 8, 1), rest), "announces another signature");
        malformed(concat(owner.onePass(0, 10, 1), rest), "announces another signature");
        malformed(concat(OpenPgpOwner.ed25519().onePass(0, 8, 1), rest), "announces another signature");
        malformed(concat(OpenPgpOwner.ecdsa("secp256r1").onePass(0, 8, 1), rest), "announces another signature");
        malformed(concat(packet(4, new byte[] {6, 0, 8, 22}), rest), "not of version 3");
    }

    @Test
    void verify_textSignatureOrLiteral_refused() throws Exception {
        malformed(owner.message(CONTENT, owner.make(SIGNED).overData(1, CONTENT)), "expected one of type 0x00");
        malformed(
                concat(owner.onePass(signature), literal('t', CONTENT), signature.getEncoded()),
                "a literal of the format 116");
        malformed(
                concat(owner.onePass(signature), packet(11, new byte[] {'b', 9}), signature.getEncoded()),
                "breaks off");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 6, 7})
    void verify_otherVersion_refused(int version) throws Exception {
        byte[] body = body(signature).clone();
        body[0] = (byte) version;
        malformed(
                concat(owner.onePass(signature), literal('b', CONTENT), packet(2, body)),
                "a signature of version " + version);
    }

    @Test
    void verify_criticalUnknownSubpacket_refused() throws Exception {
        SignatureSubpacket critical = new UnknownSubpacket(true);
        refused(
                owner.message(
                        CONTENT,
                        owner.make(SIGNED)
                                .hashed(subpackets -> subpackets.addCustomSubpacket(critical))
                                .overData(0, CONTENT)),
                SignatureCheck.SIGNATURE,
                "a critical subpacket " + UNKNOWN_SUBPACKET);
        refused(
                owner.message(
                        CONTENT,
                        owner.make(SIGNED)
                                .unhashed(subpackets -> subpackets.addCustomSubpacket(critical))
                                .overData(0, CONTENT)),
                SignatureCheck.SIGNATURE,
                "a critical subpacket " + UNKNOWN_SUBPACKET);
        refused(
                owner.message(
                        CONTENT,
                        owner.make(SIGNED)
                                .hashed(subpackets -> subpackets.addNotationData(true, true, "a@example.org", "b"))
                                .overData(0, CONTENT)),
                SignatureCheck.SIGNATURE,
                "a critical subpacket 20");
    }

    @Test
    void verify_otherUnknownSubpacket_accepted() throws Exception {
        accepted(owner.message(
                CONTENT,
                owner.make(SIGNED)
                        .hashed(subpackets -> subpackets.addCustomSubpacket(new UnknownSubpacket(false)))
                        .overData(0, CONTENT)));
    }

    /** A subpacket that nobody knows. */
    private static final class UnknownSubpacket extends SignatureSubpacket {
        UnknownSubpacket(boolean critical) {
            super(UNKNOWN_SUBPACKET, critical, false, new byte[] {1});
        }
    }

    @Test
    void verify_creationTimeMissingOrTwice_refused() throws Exception {
        byte[] body = body(signature);
        int hashedLength = ByteBuffer.wrap(body).getShort(4);
        byte[] hashed = Arrays.copyOfRange(body, 6, 6 + hashedLength);
        byte[] rest = Arrays.copyOfRange(body, 6 + hashedLength, body.length);
        malformed(withHashed(body, new byte[0], rest), "without a hashed creation time");
        malformed(withHashed(body, concat(hashed, hashed), rest), "2 subpackets");
        malformed(withHashed(body, new byte[] {4, 2, 0, 0, 0}, rest), "cannot be read");
    }

    private byte[] withHashed(byte[] body, byte[] hashed, byte[] rest) {
        byte[] changed = concat(Arrays.copyOf(body, 4), new byte[] {0, (byte) hashed.length}, hashed, rest);
        return concat(owner.onePass(signature), literal('b', CONTENT), packet(2, changed));
    }

    @Test
    void verify_expiredSignature_refusedAfterItsLastSecond() throws Exception {
        byte[] expiring = owner.message(
                CONTENT,
                owner.make(SIGNED)
                        .hashed(subpackets -> subpackets.setSignatureExpirationTime(true, 3600))
                        .overData(0, CONTENT));
        Instant end = SIGNED.plusSeconds(3600);
        assertThat(SignedMessage.verify(expiring, ring, end).content()).isEqualTo(CONTENT);
        refused(expiring, ring, end.plusSeconds(1), SignatureCheck.TIME, "the OpenPGP signature expired at " + end);
        refused(expiring, ring, Instant.parse("2100-01-01T00:00:00Z"), SignatureCheck.TIME, "expired");
    }

    @Test
    void verify_expiredSignatureOnAHostOf1970_refusedByTheFloor() throws Exception {
        byte[] expiring = owner.message(
                CONTENT,
                owner.make(SIGNED)
                        .hashed(subpackets -> subpackets.setSignatureExpirationTime(true, 3600))
                        .overData(0, CONTENT));
        TrustedTime time = new TrustedTime(Instant.parse("2026-01-01T00:00:00Z"), () -> Instant.EPOCH);
        refused(expiring, ring, time.now(), SignatureCheck.TIME, "expired");
        assertThat(SignedMessage.verify(message, ring, time.now()).content()).isEqualTo(CONTENT);
        assertThat(SignedMessage.verify(message, ring, Instant.parse("2100-01-01T00:00:00Z"))
                        .content())
                .isEqualTo(CONTENT);
    }

    @Test
    void verify_signedLaterThanNow_refused() throws Exception {
        assertThat(SignedMessage.verify(message, ring, SIGNED).content()).isEqualTo(CONTENT);
        refused(message, ring, SIGNED.minusSeconds(1), SignatureCheck.TIME, "which is after");
        refused(message, ring, Instant.EPOCH, SignatureCheck.TIME, "which is after");
    }

    @Test
    void verify_signedBeforeTheKeyWasMade_refused() throws Exception {
        Instant before = OpenPgpOwner.CREATED.minusSeconds(1);
        refused(owner.message(CONTENT, before), SignatureCheck.TIME, "before the OpenPGP key");
        assertThat(SignedMessage.verify(owner.message(CONTENT, OpenPgpOwner.CREATED), ring, NOW)
                        .content())
                .isEqualTo(CONTENT);
    }
}
