package dev.bulla.policy.openpgp;

import static dev.bulla.policy.openpgp.OpenPgpOwner.CREATED;
import static dev.bulla.policy.openpgp.OpenPgpOwner.SIGN;
import static dev.bulla.policy.openpgp.OpenPgpOwner.concat;
import static dev.bulla.policy.openpgp.OpenPgpOwner.signatures;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.time.TrustedTime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.openpgp.PGPSignature;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a ring says of its keys: which may sign, which are expired, revoked or not bound. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KeyRingTest {
    private static final byte[] CONTENT = "a statement".getBytes(StandardCharsets.UTF_8);
    private static final Instant SIGNED = Instant.parse("2025-06-01T00:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");
    private static final long YEAR = Duration.ofDays(365).toSeconds();

    private OpenPgpOwner owner;
    private OpenPgpOwner subkey;
    private OpenPgpOwner other;
    private byte[] byOwner;
    private byte[] bySubkey;

    @BeforeAll
    void makeKeys() throws Exception {
        owner = OpenPgpOwner.ed25519();
        subkey = OpenPgpOwner.ed25519();
        other = OpenPgpOwner.ed25519();
        byOwner = owner.message(CONTENT, SIGNED);
        bySubkey = subkey.message(CONTENT, SIGNED);
    }

    private static KeyRing ring(byte[]... files) throws Exception {
        KeyRingReader reader = new KeyRingReader();
        for (byte[] file : files) {
            reader.add(file, "ring");
        }
        return reader.ring();
    }

    private static void accepted(byte[] message, byte[]... files) throws Exception {
        assertThat(SignedMessage.verify(message, ring(files), NOW).content()).isEqualTo(CONTENT);
    }

    private static void refusedAt(Instant now, byte[] message, SignatureCheck check, String reason, byte[]... files)
            throws Exception {
        KeyRing ring = ring(files);
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SignedMessage.verify(message, ring, now))
                .withMessageContaining(reason)
                .satisfies(e -> assertThat(e.check()).isEqualTo(check))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    private static void refused(byte[] message, SignatureCheck check, String reason, byte[]... files) throws Exception {
        refusedAt(NOW, message, check, reason, files);
    }

    /** The ring of the owner with its subkey, and these signatures over the subkey. */
    private byte[] ringWithSubkey(PGPSignature... overSubkey) throws Exception {
        return concat(owner.ring(), subkey.subkeyPacket(), signatures(List.of(overSubkey)));
    }

    private byte[] ringWithSelf(PGPSignature... overUser) throws Exception {
        return owner.ring(List.of(), List.of(overUser));
    }

    private OpenPgpOwner.Maker self(Instant created) {
        return owner.make(created).flags(OpenPgpOwner.CERTIFY | SIGN);
    }

    private PGPSignature overUser(OpenPgpOwner.Maker maker) throws Exception {
        return maker.overUser(0x13, OpenPgpOwner.USER, owner);
    }

    @Test
    void verify_bySubkey_signerIsThePrimaryKey() throws Exception {
        VerifiedMessage verified = SignedMessage.verify(bySubkey, ring(ringWithSubkey(owner.binding(subkey))), NOW);
        assertThat(verified.signer().id()).isEqualTo("openpgp:" + owner.fingerprint());
        assertThat(verified.signer().revocationIds())
                .isEqualTo(Set.of("openpgp:" + owner.fingerprint(), "openpgp:" + subkey.fingerprint()));
        assertThat(verified.signer().description()).contains(subkey.fingerprint());
    }

    @Test
    void fingerprints_primaryKeysOnly_eachOnce() throws Exception {
        KeyRing ring = ring(ringWithSubkey(owner.binding(subkey)), other.ring(), owner.ring());
        assertThat(ring.fingerprints()).containsExactly(owner.fingerprint(), other.fingerprint());
        assertThat(ring.only(Set.of(other.fingerprint())).fingerprints()).containsExactly(other.fingerprint());
    }

    @Test
    void only_otherKey_subkeysGoToo() throws Exception {
        KeyRing narrowed =
                ring(ringWithSubkey(owner.binding(subkey)), other.ring()).only(Set.of(other.fingerprint()));
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(() -> SignedMessage.verify(bySubkey, narrowed, NOW));
    }

    @Test
    void verify_directKeySignature_suffices() throws Exception {
        accepted(byOwner, owner.ring(List.of(self(CREATED).overKey(0x1f, owner)), List.of()));
    }

    @Test
    void verify_noSelfSignature_refused() throws Exception {
        refused(byOwner, SignatureCheck.SIGNATURE, "no self signature", owner.keyPacket());
        PGPSignature foreign = other.make(CREATED).flags(SIGN).overUser(0x13, OpenPgpOwner.USER, owner);
        refused(byOwner, SignatureCheck.SIGNATURE, "no self signature", ringWithSelf(foreign));
        PGPSignature overOtherUser = self(CREATED).overUser(0x13, "another", owner);
        refused(byOwner, SignatureCheck.SIGNATURE, "no self signature", ringWithSelf(overOtherUser));
    }

    @Test
    void verify_flagsThatDoNotLetItSign_refused() throws Exception {
        refused(
                byOwner,
                SignatureCheck.SIGNATURE,
                "its flags do not let it sign",
                ringWithSelf(overUser(owner.make(CREATED).flags(OpenPgpOwner.CERTIFY))));
        refused(byOwner, SignatureCheck.SIGNATURE, "it has no flags", ringWithSelf(overUser(owner.make(CREATED))));
        refused(
                byOwner,
                SignatureCheck.SIGNATURE,
                "its flags do not let it sign",
                owner.ring(
                        List.of(owner.make(CREATED).flags(OpenPgpOwner.CERTIFY).overKey(0x1f, owner)),
                        List.of(overUser(self(CREATED)))));
        refused(
                bySubkey,
                SignatureCheck.SIGNATURE,
                "its flags do not let it sign",
                ringWithSubkey(owner.make(CREATED)
                        .flags(0x0c)
                        .embedded(subkey.backSignature(owner))
                        .overSubkey(0x18, owner, subkey)));
        refused(
                bySubkey,
                SignatureCheck.SIGNATURE,
                "it has no flags",
                ringWithSubkey(owner.make(CREATED)
                        .embedded(subkey.backSignature(owner))
                        .overSubkey(0x18, owner, subkey)));
    }

    @Test
    void verify_primaryThatMayOnlyCertify_itsSubkeyMaySign() throws Exception {
        accepted(
                bySubkey,
                concat(
                        ringWithSelf(overUser(owner.make(CREATED).flags(OpenPgpOwner.CERTIFY))),
                        subkey.subkeyPacket(),
                        signatures(List.of(owner.binding(subkey)))));
    }

    @Test
    void verify_subkeyWithoutBinding_refused() throws Exception {
        refused(bySubkey, SignatureCheck.SIGNATURE, "no binding to its primary key", ringWithSubkey());
        PGPSignature byOther = other.make(CREATED)
                .flags(SIGN)
                .embedded(subkey.backSignature(owner))
                .overSubkey(0x18, owner, subkey);
        refused(bySubkey, SignatureCheck.SIGNATURE, "no binding to its primary key", ringWithSubkey(byOther));
    }

    @Test
    void verify_subkeyWithoutBackSignature_refused() throws Exception {
        refused(
                bySubkey,
                SignatureCheck.SIGNATURE,
                "it has not signed its primary key",
                ringWithSubkey(owner.make(CREATED).flags(SIGN).overSubkey(0x18, owner, subkey)));
    }

    @Test
    void verify_subkeyOfSomebodyElseAdopted_refused() throws Exception {
        PGPSignature adopting = owner.make(CREATED)
                .flags(SIGN)
                .embedded(subkey.backSignature(other))
                .overSubkey(0x18, owner, subkey);
        refused(bySubkey, SignatureCheck.SIGNATURE, "its signature over its primary key", ringWithSubkey(adopting));
    }

    @Test
    void verify_backSignatureOutsideOfWhatIsHashed_accepted() throws Exception {
        PGPSignature back = subkey.backSignature(owner);
        accepted(
                bySubkey,
                ringWithSubkey(owner.make(CREATED)
                        .flags(SIGN)
                        .unhashed(subpackets -> subpackets.addCustomSubpacket(embedded(back)))
                        .overSubkey(0x18, owner, subkey)));
    }

    private static SignatureSubpacket embedded(PGPSignature signature) {
        try {
            return new Subpacket(
                    32,
                    false,
                    OpenPgpPacket.readAll(signature.getEncoded(), 1).getFirst().body());
        } catch (OpenPgpException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A subpacket of any type. */
    private static final class Subpacket extends SignatureSubpacket {
        Subpacket(int type, boolean critical, byte[] data) {
            super(type, critical, false, data);
        }
    }

    @Test
    void verify_backSignatureByAWeakHash_refused() throws Exception {
        PGPSignature back = subkey.make(SIGNED).hash(HashAlgorithmTags.MD5).overSubkey(0x19, owner, subkey);
        refused(
                bySubkey,
                SignatureCheck.SIGNATURE,
                "by the weak hash MD5",
                ringWithSubkey(owner.make(CREATED).flags(SIGN).embedded(back).overSubkey(0x18, owner, subkey)));
    }

    @Test
    void verify_expiredKey_refusedAfterItsLastSecond() throws Exception {
        byte[] file = ringWithSelf(overUser(self(CREATED).hashed(s -> s.setKeyExpirationTime(true, YEAR))));
        Instant end = CREATED.plusSeconds(YEAR);
        assertThat(SignedMessage.verify(byOwner, ring(file), end).content()).isEqualTo(CONTENT);
        refusedAt(end.plusSeconds(1), byOwner, SignatureCheck.TIME, "expired at " + end, file);
        refusedAt(Instant.parse("2100-01-01T00:00:00Z"), byOwner, SignatureCheck.TIME, "expired at " + end, file);
        TrustedTime hostOf1970 = new TrustedTime(NOW, () -> Instant.EPOCH);
        refusedAt(hostOf1970.now(), byOwner, SignatureCheck.TIME, "expired at " + end, file);
    }

    @Test
    void verify_expiredPrimary_refusesItsSubkeyToo() throws Exception {
        byte[] file = concat(
                ringWithSelf(overUser(self(CREATED).hashed(s -> s.setKeyExpirationTime(true, YEAR)))),
                subkey.subkeyPacket(),
                signatures(List.of(owner.binding(subkey))));
        refused(bySubkey, SignatureCheck.TIME, owner.fingerprint() + " expired", file);
    }

    @Test
    void verify_expiredSubkey_refusedButNotItsPrimary() throws Exception {
        byte[] file = ringWithSubkey(owner.make(CREATED)
                .flags(SIGN)
                .hashed(s -> s.setKeyExpirationTime(true, YEAR))
                .embedded(subkey.backSignature(owner))
                .overSubkey(0x18, owner, subkey));
        refused(bySubkey, SignatureCheck.TIME, subkey.fingerprint() + " expired", file);
        accepted(byOwner, file);
    }

    @Test
    void verify_severalSelfSignatures_theLatestDecides() throws Exception {
        PGPSignature withEnd = overUser(self(CREATED).hashed(s -> s.setKeyExpirationTime(true, YEAR)));
        PGPSignature extended =
                overUser(self(CREATED.plusSeconds(10)).hashed(s -> s.setKeyExpirationTime(true, 3 * YEAR)));
        PGPSignature shortened =
                overUser(self(CREATED.plusSeconds(20)).hashed(s -> s.setKeyExpirationTime(true, YEAR)));
        accepted(byOwner, ringWithSelf(withEnd, extended));
        accepted(byOwner, ringWithSelf(extended, withEnd));
        refused(byOwner, SignatureCheck.TIME, "expired", ringWithSelf(shortened, extended));
        accepted(byOwner, ringWithSelf(withEnd), ringWithSelf(extended));
    }

    @Test
    void verify_endOfADirectKeySignature_countsBesideTheUsers() throws Exception {
        refused(
                byOwner,
                SignatureCheck.TIME,
                "expired",
                owner.ring(
                        List.of(self(CREATED)
                                .hashed(s -> s.setKeyExpirationTime(true, YEAR))
                                .overKey(0x1f, owner)),
                        List.of(overUser(self(CREATED.plusSeconds(10))))));
    }

    @Test
    void verify_latestSelfSignatureNotToBeTaken_refusedAndNotPassedOver() throws Exception {
        PGPSignature good = overUser(self(CREATED));
        Instant later = CREATED.plusSeconds(10);
        refused(
                byOwner,
                SignatureCheck.SIGNATURE,
                "by the weak hash MD5",
                ringWithSelf(good, overUser(self(later).hash(HashAlgorithmTags.MD5))));
        refused(
                byOwner,
                SignatureCheck.SIGNATURE,
                "a critical subpacket 105",
                ringWithSelf(
                        good,
                        overUser(self(later)
                                .hashed(s -> s.addCustomSubpacket(new Subpacket(105, true, new byte[] {1}))))));
        refused(byOwner, SignatureCheck.TIME, "is dated", ringWithSelf(good, overUser(self(NOW.plusSeconds(1)))));
        refused(
                byOwner,
                SignatureCheck.TIME,
                "the self signature of the OpenPGP key",
                ringWithSelf(good, overUser(self(later).hashed(s -> s.setSignatureExpirationTime(true, 10)))));
    }

    @Test
    void verify_selfSignatureBySha1_acceptedOnlyOfBeforeItsEnd() throws Exception {
        OpenPgpOwner old = OpenPgpOwner.ed25519(Instant.parse("2012-01-01T00:00:00Z"));
        Instant end = HashAlgorithm.SHA1_SELF_SIGNATURES_END;
        byte[] message = old.message(CONTENT, SIGNED);
        for (Instant created : List.of(end.minusSeconds(1), end)) {
            byte[] file = old.ring(
                    List.of(),
                    List.of(old.make(created)
                            .flags(SIGN)
                            .hash(HashAlgorithmTags.SHA1)
                            .overUser(0x13, OpenPgpOwner.USER, old)));
            if (created.isBefore(end)) {
                accepted(message, file);
            } else {
                refused(message, SignatureCheck.SIGNATURE, "by the weak hash SHA-1", file);
            }
        }
    }

    @Test
    void verify_revokedPrimary_refusedWithItsSubkeys() throws Exception {
        PGPSignature revocation = owner.make(NOW).overKey(0x20, owner);
        byte[] file = concat(
                owner.ring(List.of(revocation), List.of(owner.certification())),
                subkey.subkeyPacket(),
                signatures(List.of(owner.binding(subkey))));
        refused(byOwner, SignatureCheck.REVOCATION, owner.fingerprint() + " is revoked", file);
        refused(bySubkey, SignatureCheck.REVOCATION, owner.fingerprint() + " is revoked", file);
    }

    @Test
    void verify_revokedSubkey_refusedButNotItsPrimary() throws Exception {
        PGPSignature revocation = owner.make(CREATED.minusSeconds(5)).overSubkey(0x28, owner, subkey);
        byte[] file = ringWithSubkey(owner.binding(subkey), revocation);
        refused(bySubkey, SignatureCheck.REVOCATION, subkey.fingerprint(), file);
        accepted(byOwner, file);
    }

    @Test
    void verify_revocationInAnotherFile_counts() throws Exception {
        byte[] revoked = owner.ring(List.of(owner.make(SIGNED).overKey(0x20, owner)), List.of());
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", owner.ring(), revoked);
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", revoked, owner.ring());
    }

    @ParameterizedTest
    @ValueSource(ints = {HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1, HashAlgorithmTags.SHA224})
    void verify_revocationByAWeakOrUnknownHash_counts(int hash) throws Exception {
        refused(
                byOwner,
                SignatureCheck.REVOCATION,
                "is revoked",
                owner.ring(
                        List.of(owner.make(SIGNED).hash(hash).overKey(0x20, owner)), List.of(owner.certification())));
    }

    @Test
    void verify_revocationDatedInTheFuture_counts() throws Exception {
        refused(
                byOwner,
                SignatureCheck.REVOCATION,
                "is revoked",
                owner.ring(
                        List.of(owner.make(Instant.parse("2099-01-01T00:00:00Z"))
                                .overKey(0x20, owner)),
                        List.of(owner.certification())));
    }

    @Test
    void verify_unreadableRevocation_counts() throws Exception {
        byte[] file = concat(
                owner.keyPacket(),
                OpenPgpOwner.packet(2, new byte[] {6, 0x20, 22, 8}),
                OpenPgpOwner.userPacket(OpenPgpOwner.USER),
                signatures(List.of(owner.certification())));
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", file);
    }

    /** As in {@code cat key revocation}, behind whatever comes last, and behind a subkey that is passed over. */
    @Test
    void verify_revocationOfThePrimaryElsewhere_counts() throws Exception {
        byte[] revocation = signatures(List.of(owner.make(NOW).overKey(0x20, owner)));
        byte[] unknown = OpenPgpOwner.packet(14, new byte[] {5, 0, 0, 0, 0, 1});
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", concat(owner.ring(), revocation));
        refused(
                byOwner,
                SignatureCheck.REVOCATION,
                "is revoked",
                concat(ringWithSubkey(owner.binding(subkey)), revocation));
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", concat(owner.ring(), unknown, revocation));
    }

    @Test
    void verify_revocationByAStranger_doesNotCount() throws Exception {
        PGPSignature byStranger = other.make(SIGNED).overKey(0x20, owner);
        PGPSignature ofAnotherKey = owner.make(SIGNED).overKey(0x20, other);
        accepted(byOwner, owner.ring(List.of(byStranger, ofAnotherKey), List.of(owner.certification())));
    }

    @Test
    void verify_revocationByANamedRevoker_counts() throws Exception {
        PGPSignature naming = overUser(self(CREATED)
                .hashed(s -> s.addCustomSubpacket(new Subpacket(
                        12,
                        false,
                        concat(new byte[] {(byte) 0x80, 22}, other.publicKey().getFingerprint())))));
        PGPSignature revocation = other.make(SIGNED).overKey(0x20, owner);
        refused(byOwner, SignatureCheck.REVOCATION, "is revoked", owner.ring(List.of(revocation), List.of(naming)));
        refused(
                bySubkey,
                SignatureCheck.REVOCATION,
                subkey.fingerprint(),
                concat(
                        ringWithSelf(naming),
                        subkey.subkeyPacket(),
                        signatures(List.of(
                                owner.binding(subkey), other.make(SIGNED).overSubkey(0x28, owner, subkey)))));
    }

    @Test
    void verify_revokedUserId_itsSelfSignatureDoesNotCount() throws Exception {
        PGPSignature revocation = owner.make(SIGNED).overUser(0x30, OpenPgpOwner.USER, owner);
        refused(
                byOwner,
                SignatureCheck.SIGNATURE,
                "no self signature",
                ringWithSelf(owner.certification(), revocation));
        accepted(byOwner, ringWithSelf(owner.certification(), revocation, overUser(self(SIGNED.plusSeconds(1)))));
        accepted(
                byOwner,
                concat(
                        ringWithSelf(owner.certification(), revocation),
                        OpenPgpOwner.userPacket("another"),
                        signatures(List.of(self(CREATED).overUser(0x13, "another", owner)))));
    }
}
