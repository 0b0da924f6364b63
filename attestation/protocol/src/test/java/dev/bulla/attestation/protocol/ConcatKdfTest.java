package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.ECPrivateKeySpec;
import javax.crypto.KeyAgreement;
import org.junit.jupiter.api.Test;

class ConcatKdfTest {

    /** RFC 7518, appendix C: Alice's ephemeral key, Bob's key, A128GCM. */
    @Test
    void derive_rfc7518AppendixC_matches() throws Exception {
        PrivateKey alice = KeyFactory.getInstance("EC")
                .generatePrivate(new ECPrivateKeySpec(
                        new BigInteger(1, Base64Url.decode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo", "d")),
                        EcCurve.P256.parameters()));
        TeePublicKey.Ec bob = new TeePublicKey.Ec(
                EcCurve.P256,
                "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(alice);
        agreement.doPhase(bob.toKey(), true);
        byte[] secret = agreement.generateSecret();
        assertThat(secret).hasSize(32).startsWith(158, 86, 217, 29).endsWith(140, 254, 144, 196);

        byte[] key = ConcatKdf.derive(
                secret,
                "A128GCM",
                "Alice".getBytes(StandardCharsets.UTF_8),
                "Bob".getBytes(StandardCharsets.UTF_8),
                128);
        assertThat(Base64Url.encode(key)).isEqualTo("VqqN6vgjbSBcIijNcacQGg");
    }

    @Test
    void derive_moreThanOneBlock_refused() {
        assertThat(ConcatKdf.derive(new byte[32], "x", new byte[0], new byte[0], 256))
                .hasSize(32);
        assertThatThrownBy(() -> ConcatKdf.derive(new byte[32], "x", new byte[0], new byte[0], 264))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
