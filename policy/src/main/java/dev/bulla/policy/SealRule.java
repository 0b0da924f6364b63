package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.KeyMaterialException;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a policy's {@code seals} say for one scope.
 *
 * @param require how strong a seal must be; empty: none is required
 * @param mapping by which mapping, if that matters
 * @param certificates where the certificates are
 */
record SealRule(
        Optional<SealRequirement.Require> require,
        Optional<SealRequirement.Mapping> mapping,
        List<KeyMaterial> certificates) {
    /** Nothing is required. */
    static final SealRule NONE = new SealRule(Optional.empty(), Optional.empty(), List.of());

    /** The most certificates of one rule. */
    static final int MAX_CERTIFICATES = 64;

    SealRule {
        certificates = List.copyOf(certificates);
    }

    /** The requirement, certificates read; empty where none is. */
    Optional<SealRequirement> requirement(KeyMaterialReader reader) throws KeyMaterialException {
        if (require.isEmpty()) {
            return Optional.empty();
        }
        List<X509Certificate> read = new ArrayList<>();
        for (KeyMaterial material : certificates) {
            byte[] bytes = reader.read(material);
            try {
                for (var certificate :
                        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes))) {
                    read.add((X509Certificate) certificate);
                }
            } catch (CertificateException e) {
                throw new KeyMaterialException(
                        "seals: " + Quoted.text(material.toString()) + " holds no X.509 certificates, PEM or DER", e);
            }
            if (read.size() > MAX_CERTIFICATES) {
                throw new KeyMaterialException("seals: more than " + MAX_CERTIFICATES + " certificates");
            }
        }
        if (read.isEmpty() && !certificates.isEmpty()) {
            throw new KeyMaterialException("seals: "
                    + Quoted.text(certificates.getFirst().toString()) + " holds no X.509 certificates, PEM or DER");
        }
        return Optional.of(new SealRequirement(require.get(), mapping, read));
    }
}
