package dev.bulla.composefs.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Whatever the bytes are: a typed refusal, or what was really signed. */
class SignatureFuzzTest {
    private static final VerityDigest DIGEST = new VerityDigest(VerityAlgorithm.SHA256_4K, "ab".repeat(32));

    @FuzzTest(maxDuration = "60s")
    void verify_anyPkcs7_refusesOrIsTheSignature(byte[] bytes) {
        try {
            // Nobody's key signed this digest.
            FsVeritySignature.verify(
                    bytes, DIGEST, List.of(TestSigner.RSA.certificate(), TestSigner.P256.certificate()));
            fail("accepted");
        } catch (SignatureRefusedException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    @FuzzTest(maxDuration = "60s")
    void verify_anySignatureFile_refuses(byte[] bytes) throws Exception {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        for (String block : List.of(
                DigestSignatureTest.keyPem(TestSigner.ED25519),
                DigestSignatureTest.keyPem(TestSigner.P256),
                DigestSignatureTest.certificatePem(TestSigner.RSA))) {
            pem.writeBytes(block.getBytes(StandardCharsets.US_ASCII));
        }
        TrustedKeys trusted = TrustedKeys.parse(pem.toByteArray(), "keys");
        try {
            DigestSignature.verify(new DigestFile(DIGEST).bytes(), DigestFile.Form.TEXT, bytes, trusted);
            fail("accepted");
        } catch (SignatureRefusedException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    @FuzzTest(maxDuration = "60s")
    void parse_anyDigestFile_refusesOrWritesItAgain(byte[] bytes) {
        try {
            assertThat(DigestFile.parse(bytes, DigestFile.Form.TEXT).bytes()).isEqualTo(bytes);
        } catch (SignatureRefusedException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    @FuzzTest(maxDuration = "60s")
    void parse_anyKeys_refusesOrHasSome(byte[] bytes) {
        try {
            TrustedKeys keys = TrustedKeys.parse(bytes, "keys");
            assertThat(keys.keys().size() + keys.certificates().size()).isPositive();
        } catch (UnusableKeyException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }
}
