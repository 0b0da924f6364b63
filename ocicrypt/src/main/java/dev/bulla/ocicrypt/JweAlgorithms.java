package dev.bulla.ocicrypt;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What JWE wraps may use. RSA-OAEP with SHA-1 is in because it is what ocicrypt writes; RSA1_5, passwords, and direct or
 * symmetric keys are not.
 */
final class JweAlgorithms {
    /** For RSA keys, the default first. */
    static final List<JWEAlgorithm> RSA = List.of(JWEAlgorithm.parse("RSA-OAEP"), JWEAlgorithm.RSA_OAEP_256);

    /** For EC keys, the default first. */
    static final List<JWEAlgorithm> EC =
            List.of(JWEAlgorithm.ECDH_ES_A256KW, JWEAlgorithm.ECDH_ES_A192KW, JWEAlgorithm.ECDH_ES_A128KW);

    /** The content encryptions of RFC 7518, all authenticated. */
    static final List<EncryptionMethod> CONTENT = List.of(
            EncryptionMethod.A256GCM,
            EncryptionMethod.A192GCM,
            EncryptionMethod.A128GCM,
            EncryptionMethod.A256CBC_HS512,
            EncryptionMethod.A192CBC_HS384,
            EncryptionMethod.A128CBC_HS256);

    private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    private JweAlgorithms() {}

    static void requireCurve(ECParameterSpec parameters) throws KeyFormatException {
        @Nullable Curve curve = Curve.forECParameterSpec(parameters);
        if (curve == null || !CURVES.contains(curve)) {
            throw new KeyFormatException("an EC key on another curve than P-256, P-384 and P-521");
        }
    }
}
