package dev.bulla.kbs.evidence.snp;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.snp.SnpProduct;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The certificate authorities of SNP's products, of which the roots are trusted.
 *
 * @param products the authorities by product; a product that is not there is refused
 */
public record AmdRoots(Map<SnpProduct, Authorities> products) {

    /**
     * The authorities of one product.
     *
     * @param ark the root, trusted
     * @param ask the issuer of chips' keys, believed once the root's signature is verified
     * @param asvk the issuer of loaded keys, believed once the root's signature is verified
     */
    public record Authorities(X509Certificate ark, X509Certificate ask, X509Certificate asvk) {
        public Authorities {
            requireNonNull(ark, "ark is null");
            requireNonNull(ask, "ask is null");
            requireNonNull(asvk, "asvk is null");
        }
    }

    public AmdRoots {
        products = Map.copyOf(products);
    }

    /** AMD's own, which this module carries. */
    public static AmdRoots pinned() {
        Map<SnpProduct, Authorities> products = new EnumMap<>(SnpProduct.class);
        for (SnpProduct product : SnpProduct.values()) {
            products.put(product, read(product.amdName().toLowerCase(Locale.ROOT) + "_ask_ark_asvk.pem"));
        }
        return new AmdRoots(products);
    }

    private static Authorities read(String resource) {
        try (InputStream in = requireNonNull(AmdRoots.class.getResourceAsStream(resource), resource)) {
            List<X509Certificate> certificates = new ArrayList<>();
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                certificates.add((X509Certificate) certificate);
            }
            if (certificates.size() != 3) {
                throw new IllegalStateException(resource + ": " + certificates.size() + " certificates, expected 3");
            }
            return new Authorities(certificates.get(1), certificates.get(0), certificates.get(2));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (CertificateException e) {
            throw new IllegalStateException(resource + " does not parse", e); // our own resource
        }
    }

    Optional<Authorities> of(SnpProduct product) {
        return Optional.ofNullable(products.get(product));
    }
}
