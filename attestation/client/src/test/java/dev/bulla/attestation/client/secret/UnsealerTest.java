package dev.bulla.attestation.client.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.secret.SealedSecretException.Reason;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The way from a sealed secret to its plaintext. */
class UnsealerTest {
    private static final KeyPair KEY = TestSecrets.keyPair();
    private static final byte[] PLAINTEXT = "super-secret-value-42".getBytes(StandardCharsets.UTF_8);
    private static final String KID = "kbs:///default/signing-key/sealed-secret";
    private static final String KEK = "kbs:///default/kek/1";

    @TempDir
    Path folder;

    private final Map<String, byte[]> kbs = new HashMap<>();

    @BeforeEach
    void fillKbs() {
        kbs.put("kbs:///one/2/trois", PLAINTEXT);
        kbs.put(KID, TestSecrets.jwk(KEY));
        kbs.put(KEK, bytes(32, 7));
    }

    private static byte[] bytes(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private Unsealer unsealer() {
        ResourceSource resources = TestSecrets.resources(kbs);
        return Unsealer.verifying(SecretKeys.of(resources, folder), resources, List.of(new KbsKeyKms(resources)));
    }

    private static SecretPayload.Vault vault(String name, String provider) {
        return new SecretPayload.Vault(name, provider, TestSecrets.NONE, TestSecrets.NONE);
    }

    private byte[] unseal(SecretPayload payload, String kid) throws SealedSecretException, ResourceException {
        return unsealer().unseal(TestSecrets.seal(payload, kid, KEY.getPrivate()));
    }

    private void assertRefused(SecretPayload payload, String kid, Reason reason, String... words) {
        assertThatThrownBy(() -> unseal(payload, kid))
                .isInstanceOfSatisfying(
                        SealedSecretException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContainingAll(words)
                .hasMessageNotContaining("super-secret");
    }

    private static SecretPayload.Envelope envelope() throws Exception {
        byte[] dek = bytes(32, 9);
        byte[] iv = bytes(12, 3);
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        gcm.init(Cipher.ENCRYPT_MODE, new SymmetricKey(dek.clone()), new GCMParameterSpec(128, iv));
        Base64.Encoder base64 = Base64.getEncoder();
        return new SecretPayload.Envelope(
                KEK,
                base64.encodeToString(
                        KbsKeyKms.encrypt(new SymmetricKey(bytes(32, 7)), new SymmetricKey(dek), new SecureRandom())),
                base64.encodeToString(gcm.doFinal(PLAINTEXT)),
                "A256GCM",
                base64.encodeToString(iv),
                "kbs",
                TestSecrets.NONE,
                TestSecrets.NONE);
    }

    @Test
    void unseal_vaultWithKeyOfTheKbs_isTheResource() throws Exception {
        assertThat(unseal(vault("kbs:///one/2/trois", "kbs"), KID)).isEqualTo(PLAINTEXT);
    }

    @Test
    void unseal_keyInAFile_isTheResource() throws Exception {
        Files.write(folder.resolve("test-key"), TestSecrets.jwk(KEY));
        Files.createDirectory(folder.resolve("tenant"));
        Files.write(folder.resolve("tenant/test-key.json"), TestSecrets.jwk(KEY));
        for (String kid : List.of("test-key", "tenant/test-key.json")) {
            assertThat(unseal(vault("kbs:///one/2/trois", "kbs"), kid)).isEqualTo(PLAINTEXT);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../outside",
                "a/../../outside",
                "/etc/passwd",
                "a//b",
                "a/",
                ".hidden",
                "a\u0000",
                "ab c",
                "link",
                "linked/outside",
                "folder",
                "absent",
                "a/./b"
            })
    void unseal_kidThatIsNoFile_isRefused(String kid) throws Exception {
        Path outside = folder.resolve("outside");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        Files.write(outside, TestSecrets.jwk(KEY));
        Files.createSymbolicLink(inside.resolve("link"), outside);
        Files.createSymbolicLink(inside.resolve("linked"), folder);
        Files.createDirectory(inside.resolve("folder"));
        ResourceSource resources = TestSecrets.resources(kbs);
        Unsealer unsealer = Unsealer.verifying(SecretKeys.of(resources, inside), resources, List.of());
        String text = TestSecrets.seal(vault("kbs:///one/2/trois", "kbs"), kid, KEY.getPrivate());
        assertThatThrownBy(() -> unsealer.unseal(text))
                .isInstanceOfSatisfying(
                        SealedSecretException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY))
                .hasMessageContaining("kid ");
    }

    @Test
    void unseal_kidOfAFile_atAndOverItsLimit() throws Exception {
        String longest = "k".repeat(KeyFolder.MAX_NAME);
        Files.write(folder.resolve(longest), TestSecrets.jwk(KEY));
        assertThat(unseal(vault("kbs:///one/2/trois", "kbs"), longest)).isEqualTo(PLAINTEXT);
        assertRefused(vault("kbs:///one/2/trois", "kbs"), longest + "k", Reason.KEY, "at most 255");
    }

    @ParameterizedTest
    @ValueSource(strings = {"kbs://", "kbs:///a/b", "kbs:test-key", "kbs+x", "kbs:///a/b/../c"})
    void unseal_kidThatIsAlmostAUri_isNotLookedForAmongFiles(String kid) throws Exception {
        Files.write(folder.resolve("kbs+x"), TestSecrets.jwk(KEY));
        assertRefused(vault("kbs:///one/2/trois", "kbs"), kid, Reason.KEY, "resource URI");
    }

    @Test
    void unseal_kidThatTheKbsHasNot_isItsRefusal() {
        assertThatThrownBy(() -> unseal(vault("kbs:///one/2/trois", "kbs"), "kbs:///a/b/c"))
                .isInstanceOf(ResourceException.class);
    }

    @Test
    void unseal_keyFileOfOtherKind_isRefused() throws Exception {
        Files.writeString(folder.resolve("test-key"), "{}");
        assertRefused(vault("kbs:///one/2/trois", "kbs"), "test-key", Reason.KEY, "\"kty\" is missing");
        Files.write(folder.resolve("test-key"), new byte[VerificationJwk.MAX_LENGTH + 1]);
        assertRefused(vault("kbs:///one/2/trois", "kbs"), "test-key", Reason.KEY, "limit");
    }

    @Test
    void unseal_otherKey_isRefusedAndNothingIsFetched() throws Exception {
        Files.write(folder.resolve("test-key"), TestSecrets.jwk(TestSecrets.keyPair()));
        ResourceSource never = (uri, limit) -> {
            throw new IllegalStateException("fetched " + uri);
        };
        String text = TestSecrets.seal(vault("kbs:///one/2/trois", "kbs"), "test-key", KEY.getPrivate());
        assertThatThrownBy(() -> Unsealer.verifying(SecretKeys.of(never, folder), never, List.of())
                        .unseal(text))
                .isInstanceOfSatisfying(
                        SealedSecretException.class, e -> assertThat(e.reason()).isEqualTo(Reason.SIGNATURE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"aliyun", "aws", "ehsm", "KBS", ""})
    void unseal_otherProvider_isRefusedByName(String provider) throws Exception {
        assertRefused(vault("kbs:///one/2/trois", provider), KID, Reason.PROVIDER, "\"" + provider + "\" for a vault");
        SecretPayload.Envelope e = envelope();
        assertRefused(
                new SecretPayload.Envelope(
                        e.keyId(),
                        e.encryptedKey(),
                        e.encryptedData(),
                        e.wrapType(),
                        e.iv(),
                        provider,
                        TestSecrets.NONE,
                        TestSecrets.NONE),
                KID,
                Reason.PROVIDER,
                "\"" + provider + "\" for an envelope, expected \"kbs\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "xxx", "file:///etc/passwd", "https://host/a/b/c", "kbs:///a/b"})
    void unseal_vaultThatNamesNoResource_isRefused(String name) {
        assertRefused(vault(name, "kbs"), KID, Reason.MALFORMED, "payload: name");
    }

    @Test
    void unseal_vaultTooLarge_isRefused() throws Exception {
        kbs.put("kbs:///one/2/trois", new byte[Unsealer.MAX_SECRET]);
        assertThat(unseal(vault("kbs:///one/2/trois", "kbs"), KID)).hasSize(Unsealer.MAX_SECRET);
        kbs.put("kbs:///one/2/trois", new byte[Unsealer.MAX_SECRET + 1]);
        assertThatThrownBy(() -> unseal(vault("kbs:///one/2/trois", "kbs"), KID))
                .isInstanceOf(ResourceException.class);
    }

    @Test
    void unseal_envelope_isThePlaintext() throws Exception {
        assertThat(unseal(envelope(), KID)).isEqualTo(PLAINTEXT);
    }

    @Test
    void unseal_envelopeOfAnotherKms_asksThatOne() throws Exception {
        SecretPayload.Envelope e = envelope();
        EnvelopeKms kms = new EnvelopeKms() {
            @Override
            public String provider() {
                return "hsm";
            }

            @Override
            public byte[] decrypt(byte[] encryptedKey, String keyId, JsonObject settings, JsonObject annotations) {
                assertThat(encryptedKey).isEqualTo(new byte[] {1, 2, 3});
                assertThat(keyId).isEqualTo("key 1");
                return bytes(32, 9);
            }
        };
        SecretPayload payload = new SecretPayload.Envelope(
                "key 1", "AQID", e.encryptedData(), e.wrapType(), e.iv(), "hsm", TestSecrets.NONE, TestSecrets.NONE);
        ResourceSource resources = TestSecrets.resources(kbs);
        assertThat(Unsealer.verifying(SecretKeys.of(resources, folder), resources, List.of(kms))
                        .unseal(TestSecrets.seal(payload, KID, KEY.getPrivate())))
                .isEqualTo(PLAINTEXT);
    }

    private static SecretPayload.Envelope with(SecretPayload.Envelope e, String member, String value) {
        return new SecretPayload.Envelope(
                member.equals("key_id") ? value : e.keyId(),
                member.equals("encrypted_key") ? value : e.encryptedKey(),
                member.equals("encrypted_data") ? value : e.encryptedData(),
                member.equals("wrap_type") ? value : e.wrapType(),
                member.equals("iv") ? value : e.iv(),
                e.provider(),
                e.providerSettings(),
                e.annotations());
    }

    @ParameterizedTest
    @CsvSource({
        "wrap_type, A256CTR, MALFORMED",
        "wrap_type, a256gcm, MALFORMED",
        "iv, www, MALFORMED",
        "iv, AAAA, MALFORMED",
        "iv, AAAAAAAAAAAAAAAA, DECRYPTION",
        "encrypted_data, zzz, MALFORMED",
        "encrypted_data, AAAA, MALFORMED",
        "encrypted_data, AAAAAAAAAAAAAAAAAAAAAA==, DECRYPTION",
        "encrypted_data, AAAAAAAAAAAAAAAAAAAAAB==, MALFORMED",
        "encrypted_key, yyy, MALFORMED",
        "encrypted_key, AAAA, MALFORMED",
        "key_id, xxx, MALFORMED",
        "key_id, kbs:///default/kek/2, DECRYPTION",
        "key_id, kbs:///default/kek/short, DECRYPTION"
    })
    void unseal_envelopeWithOtherMember_isRefused(String member, String value, Reason reason) throws Exception {
        kbs.put("kbs:///default/kek/2", bytes(32, 8));
        kbs.put("kbs:///default/kek/short", bytes(31, 7));
        assertRefused(with(envelope(), member, value), KID, reason, member);
    }

    @Test
    void unseal_envelopeChangedAnywhere_isRefused() throws Exception {
        SecretPayload.Envelope whole = envelope();
        ResourceSource resources = TestSecrets.resources(kbs);
        Unsealer unsealer = Unsealer.insecureSkippingVerification(resources, List.of(new KbsKeyKms(resources)));
        for (String member : List.of("encrypted_key", "encrypted_data")) {
            byte[] bytes = Base64.getDecoder()
                    .decode(member.equals("encrypted_key") ? whole.encryptedKey() : whole.encryptedData());
            for (int i = 0; i < bytes.length; i++) {
                byte[] changed = bytes.clone();
                changed[i] ^= 1;
                String text = SealedSecret.of(
                                with(whole, member, Base64.getEncoder().encodeToString(changed)), KID)
                        .signed(new byte[64]);
                assertThatThrownBy(() -> unsealer.unseal(text))
                        .isInstanceOfSatisfying(
                                SealedSecretException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.DECRYPTION))
                        .hasMessageContaining(member);
            }
        }
    }

    @Test
    void unseal_kmsThatGivesAnotherLength_isRefused() throws Exception {
        EnvelopeKms kms = new EnvelopeKms() {
            @Override
            public String provider() {
                return "kbs";
            }

            @Override
            public byte[] decrypt(byte[] encryptedKey, String keyId, JsonObject settings, JsonObject annotations) {
                return bytes(16, 9);
            }
        };
        ResourceSource resources = TestSecrets.resources(kbs);
        String text = TestSecrets.seal(envelope(), KID, KEY.getPrivate());
        assertThatThrownBy(() -> Unsealer.verifying(SecretKeys.of(resources, folder), resources, List.of(kms))
                        .unseal(text))
                .isInstanceOf(SealedSecretException.class)
                .hasMessageContaining("16 bytes");
    }

    @Test
    void insecureSkippingVerification_wrongSignature_isOpened() throws Exception {
        String text = TestSecrets.seal(
                vault("kbs:///one/2/trois", "kbs"),
                "absent",
                TestSecrets.keyPair().getPrivate());
        assertThat(Unsealer.insecureSkippingVerification(TestSecrets.resources(kbs), List.of())
                        .unseal(text))
                .isEqualTo(PLAINTEXT);
        assertThatThrownBy(() -> unsealer().unseal(text)).isInstanceOf(SealedSecretException.class);
    }
}
