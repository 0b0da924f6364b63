package dev.bulla.attestation.client.secret;

import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;

/** Keys, signatures and resources of these tests. */
final class TestSecrets {
    static final JsonObject NONE = JsonObject.builder().build();

    private TestSecrets() {}

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), new SecureRandom());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] jwk(KeyPair pair) {
        TeePublicKey.Ec key = TeePublicKey.Ec.of(EcCurve.P256, (ECPublicKey) pair.getPublic());
        return json(JsonObject.builder()
                .put("kty", "EC")
                .put("crv", "P-256")
                .put("x", key.x())
                .put("y", key.y())
                .build());
    }

    static byte[] json(JsonObject object) {
        return JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8);
    }

    /** The private key of a JWK that has it. */
    static PrivateKey privateKey(byte[] jwk) throws Exception {
        String d = JsonCursor.parse(jwk).object().required("d").string();
        return KeyFactory.getInstance("EC")
                .generatePrivate(new ECPrivateKeySpec(
                        new BigInteger(1, Base64.getUrlDecoder().decode(d)),
                        ((ECPublicKey) keyPair().getPublic()).getParams()));
    }

    static byte[] sign(byte[] input, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
            signer.initSign(key);
            signer.update(input);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String seal(SecretPayload payload, String kid, PrivateKey key) {
        SealedSecret.Unsigned unsigned = SealedSecret.of(payload, kid);
        return unsigned.signed(sign(unsigned.signingInput(), key));
    }

    /** A sealed secret of any header and payload. */
    static String sealRaw(String header, String payload, PrivateKey key) {
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        SealedSecret.Unsigned unsigned = new SealedSecret.Unsigned(
                base64.encodeToString(header.getBytes(StandardCharsets.UTF_8)),
                base64.encodeToString(payload.getBytes(StandardCharsets.UTF_8)));
        return unsigned.signed(sign(unsigned.signingInput(), key));
    }

    /** Resources by URI. */
    static ResourceSource resources(Map<String, byte[]> resources) {
        Map<String, byte[]> held = new HashMap<>(resources);
        return (uri, limit) -> {
            byte[] bytes = held.get(uri.toString());
            if (bytes == null) {
                throw new ResourceException(uri, ResourceException.Reason.NOT_FOUND, "there is none");
            }
            if (bytes.length > limit) {
                throw new ResourceException(uri, ResourceException.Reason.TOO_LARGE, "more than " + limit + " bytes");
            }
            return bytes.clone();
        };
    }
}
