package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CRLReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;

/**
 * The certificate revocation lists (RFC 5280) that a policy supplies. Nothing is fetched, and OCSP is not asked.
 *
 * <p><b>Security.</b> A certificate that says where its revocation is published, or whose issuer has a list here, is good
 * only when a list of its issuer is here that is signed, not expired, whole for that certificate, and does not name it. Lists
 * are never taken as whole when they are delta lists, indirect, for some reasons only, for other certificates, or of another
 * distribution point.
 */
public final class RevocationLists {
    /** The most lists. */
    public static final int MAX_LISTS = 64;

    private static final String BEGIN = "-----BEGIN X509 CRL-----";
    private static final String END = "-----END X509 CRL-----";

    private static final String DISTRIBUTION_POINTS = "2.5.29.31";
    private static final String AUTHORITY_INFORMATION = "1.3.6.1.5.5.7.1.1";
    private static final String ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    private static final String DELTA = "2.5.29.27";
    private static final String REASON = "2.5.29.21";
    private static final String INVALIDITY_DATE = "2.5.29.24";
    private static final int CRL_SIGN = 6;
    private static final List<String> WEAK_HASHES = List.of("MD2", "MD5", "SHA1", "SHA224");

    /** None. */
    public static final RevocationLists NONE = new RevocationLists(List.of());

    private final List<X509CRL> lists;

    private RevocationLists(List<X509CRL> lists) {
        this.lists = List.copyOf(lists);
    }

    /**
     * Reads lists, each file one in DER or several in PEM blocks {@code X509 CRL}.
     *
     * @throws KeyMaterialException when one is malformed, a delta list, or there are too many
     */
    public static RevocationLists parse(List<byte[]> files) throws KeyMaterialException {
        List<X509CRL> lists = new ArrayList<>();
        for (byte[] file : files) {
            for (byte[] der : ders(file)) {
                if (lists.size() == MAX_LISTS) {
                    throw new KeyMaterialException("more than " + MAX_LISTS + " revocation lists");
                }
                lists.add(list(der));
            }
        }
        return new RevocationLists(lists);
    }

    private static List<byte[]> ders(byte[] file) throws KeyMaterialException {
        String text = new String(file, StandardCharsets.ISO_8859_1);
        if (!text.contains("-----BEGIN ")) {
            return List.of(file);
        }
        List<byte[]> ders = new ArrayList<>();
        int at = 0;
        while (true) {
            int begin = text.indexOf("-----BEGIN ", at);
            if (begin < 0) {
                return ders;
            }
            int end = text.indexOf(END, begin);
            if (!text.startsWith(BEGIN, begin) || end < 0) {
                throw new KeyMaterialException("a PEM block of another kind or without its end, expected X509 CRL");
            }
            try {
                ders.add(Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end)));
            } catch (IllegalArgumentException e) {
                throw new KeyMaterialException("a PEM block X509 CRL that is not base64", e);
            }
            at = end + END.length();
        }
    }

    private static X509CRL list(byte[] der) throws KeyMaterialException {
        try {
            X509CRL list = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
            if (!Arrays.equals(list.getEncoded(), der)) {
                throw new KeyMaterialException("a revocation list with bytes after it, or not in DER");
            }
            if (list.getExtensionValue(DELTA) != null) {
                throw new KeyMaterialException("a delta revocation list of " + name(list) + ", expected whole ones");
            }
            return list;
        } catch (CertificateException | CRLException e) {
            throw new KeyMaterialException("no revocation list: " + Quoted.text(String.valueOf(e.getMessage())), e);
        }
    }

    private static String name(X509CRL list) {
        return Quoted.text(list.getIssuerX500Principal().getName());
    }

    /**
     * Requires that no certificate of a chain but its root, which is trusted or not, is revoked.
     *
     * @param chain verified as a chain, the leaf first, the root last
     * @param signedBefore when the signature was there already, if a trusted witness said so
     * @param now what time it is
     */
    void require(List<X509Certificate> chain, Optional<Instant> signedBefore, Instant now)
            throws SignatureRejectedException {
        for (int i = chain.size() - 2; i >= 0; i--) {
            require(chain.get(i), chain.get(i + 1), signedBefore, now);
        }
    }

    private void require(
            X509Certificate certificate, X509Certificate issuer, Optional<Instant> signedBefore, Instant now)
            throws SignatureRejectedException {
        boolean published = certificate.getExtensionValue(DISTRIBUTION_POINTS) != null
                || certificate.getExtensionValue(AUTHORITY_INFORMATION) != null;
        List<String> unusable = new ArrayList<>();
        boolean known = false;
        for (X509CRL list : lists) {
            if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
                continue;
            }
            Optional<String> problem = problem(list, certificate, issuer, now);
            if (isAuthentic(list, issuer)) {
                requireNotListed(list, certificate, signedBefore);
            }
            problem.ifPresent(unusable::add);
            known |= problem.isEmpty();
        }
        if (!known && (published || !unusable.isEmpty())) {
            throw new SignatureRejectedException(
                    SignatureCheck.REVOCATION,
                    "whether the certificate " + CertificatePath.name(certificate) + " is revoked is unknown: "
                            + (unusable.isEmpty()
                                    ? "the policy supplies no revocation list of its issuer"
                                    : String.join("; ", unusable)));
        }
    }

    /** Why a list of this issuer does not say enough about a certificate that it does not name. */
    private static Optional<String> problem(
            X509CRL list, X509Certificate certificate, X509Certificate issuer, Instant now) {
        if (!isAuthentic(list, issuer)) {
            return Optional.of("a list of " + name(list) + " is not signed by it");
        }
        if (list.getNextUpdate() == null) {
            return Optional.of("the list of " + name(list) + " has no nextUpdate");
        }
        Instant nextUpdate = list.getNextUpdate().toInstant();
        if (nextUpdate.isBefore(now)) {
            return Optional.of("the list of " + name(list) + " expired at " + nextUpdate);
        }
        Set<String> critical = list.getCriticalExtensionOIDs();
        if (critical != null && !Set.of(ISSUING_DISTRIBUTION_POINT).containsAll(critical)) {
            return Optional.of("the list of " + name(list) + " has unknown critical extensions " + critical);
        }
        byte[] point = list.getExtensionValue(ISSUING_DISTRIBUTION_POINT);
        return point == null || covers(point, certificate)
                ? Optional.empty()
                : Optional.of("the list of " + name(list) + " is not for this certificate, or for some reasons only");
    }

    private static boolean isAuthentic(X509CRL list, X509Certificate issuer) {
        boolean[] usage = issuer.getKeyUsage();
        String algorithm = list.getSigAlgName().toUpperCase(Locale.ROOT).replace("-", "");
        if ((usage != null && !usage[CRL_SIGN]) || WEAK_HASHES.stream().anyMatch(algorithm::contains)) {
            return false;
        }
        try {
            list.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static boolean covers(byte[] extension, X509Certificate certificate) {
        try {
            IssuingDistributionPoint point = IssuingDistributionPoint.getInstance(content(extension));
            boolean authority = certificate.getBasicConstraints() >= 0;
            if (point.isIndirectCRL()
                    || point.onlyContainsAttributeCerts()
                    || point.getOnlySomeReasons() != null
                    || (point.onlyContainsUserCerts() && authority)
                    || (point.onlyContainsCACerts() && !authority)) {
                return false;
            }
            DistributionPointName name = point.getDistributionPoint();
            byte[] published = certificate.getExtensionValue(DISTRIBUTION_POINTS);
            return name == null
                    || (published != null && names(published).stream().anyMatch(names(name)::contains));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static List<GeneralName> names(byte[] distributionPoints) {
        List<GeneralName> names = new ArrayList<>();
        for (DistributionPoint point :
                CRLDistPoint.getInstance(content(distributionPoints)).getDistributionPoints()) {
            if (point.getDistributionPoint() != null) {
                names.addAll(names(point.getDistributionPoint()));
            }
        }
        return names;
    }

    private static List<GeneralName> names(DistributionPointName name) {
        return name.getType() == DistributionPointName.FULL_NAME
                ? List.of(GeneralNames.getInstance(name.getName()).getNames())
                : List.of();
    }

    /** What an extension's octet string holds. */
    private static ASN1Primitive content(byte[] extension) {
        try {
            return ASN1Primitive.fromByteArray(
                    ASN1OctetString.getInstance(extension).getOctets());
        } catch (IOException e) {
            throw new IllegalArgumentException("malformed extension", e);
        }
    }

    private static void requireNotListed(X509CRL list, X509Certificate certificate, Optional<Instant> signedBefore)
            throws SignatureRejectedException {
        X509CRLEntry entry = list.getRevokedCertificate(certificate.getSerialNumber());
        if (entry == null || entry.getRevocationReason() == CRLReason.REMOVE_FROM_CRL) {
            return;
        }
        Optional<Instant> invalid = invalidityDate(entry);
        if (invalid.isPresent()
                && signedBefore.isPresent()
                && signedBefore.get().isBefore(invalid.get())) {
            return;
        }
        throw new SignatureRejectedException(
                SignatureCheck.REVOCATION,
                "the certificate " + CertificatePath.name(certificate) + " is revoked since "
                        + entry.getRevocationDate().toInstant()
                        + invalid.map(date -> ", invalid since " + date).orElse(""));
    }

    /** Since when the key is not to be trusted; empty also where the entry says what we do not understand. */
    private static Optional<Instant> invalidityDate(X509CRLEntry entry) {
        Set<String> critical = entry.getCriticalExtensionOIDs();
        byte[] extension = entry.getExtensionValue(INVALIDITY_DATE);
        if (extension == null
                || (critical != null && !Set.of(REASON, INVALIDITY_DATE).containsAll(critical))) {
            return Optional.empty();
        }
        try {
            return Optional.of(ASN1GeneralizedTime.getInstance(content(extension))
                    .getDate()
                    .toInstant());
        } catch (IllegalArgumentException | ParseException e) {
            return Optional.empty();
        }
    }
}
