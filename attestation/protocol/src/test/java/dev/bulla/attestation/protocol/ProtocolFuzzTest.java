package dev.bulla.attestation.protocol;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Whatever comes over the wire, it is read or refused by an exception of this room. */
class ProtocolFuzzTest {
    private static final TeeKeyPair KEY = TestKeys.pair(TeeKeyAlgorithm.EC_P256);
    private static final TeeKeyPair ML_KEM = TestKeys.pair(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768);

    @FuzzTest
    void jwe(byte[] input) {
        try {
            KbsJwe.open(input, KEY);
        } catch (JweException e) {
            // refused
        }
    }

    @FuzzTest
    void mlKemJwe(byte[] input) {
        try {
            KbsJwe.open(input, ML_KEM);
        } catch (JweException e) {
            // refused
        }
    }

    @FuzzTest
    void teeKeyPem(byte[] input) {
        try {
            TeeKeyPair.fromPem(input).close();
        } catch (KbsProtocolException e) {
            // refused
        }
    }

    @FuzzTest
    void attestationRequest(byte[] input) throws KbsProtocolException {
        AttestationRequest request;
        try {
            request = AttestationRequest.parse(input);
        } catch (KbsProtocolException e) {
            return; // refused
        }
        byte[] written = request.toJson();
        if (!Arrays.equals(written, AttestationRequest.parse(written).toJson())) {
            throw new IllegalStateException("what was written reads differently");
        }
    }

    @FuzzTest
    void token(byte[] input) {
        try {
            EarToken.of(
                    CompactJws.parse(new String(input, StandardCharsets.UTF_8)).unverifiedClaims());
        } catch (KbsProtocolException e) {
            // refused
        }
    }

    @FuzzTest
    void resourceUri(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        try {
            if (!ResourceUri.parse(text).toString().equals(text)) {
                throw new IllegalStateException("a URI is written differently");
            }
        } catch (KbsProtocolException e) {
            // refused
        }
    }
}
