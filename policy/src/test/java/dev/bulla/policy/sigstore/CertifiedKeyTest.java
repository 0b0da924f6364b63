package dev.bulla.policy.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SigningKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CertifiedKeyTest {
    private static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    private static final String ISSUER = "https://issuer.example";
    private static final String EMAIL = "user@example.com";
    private static final String V1 = "1.3.6.1.4.1.57264.1.1";

    private final CertificateMint.Minted root;
    private final CertificateMint.Minted between;

    CertifiedKeyTest() throws Exception {
        root = CertificateMint.root("CN=root");
        between = CertificateMint.authority("CN=between", root);
    }

    private static CertificateMint leaf() throws Exception {
        return CertificateMint.leaf("CN=leaf")
                .names(
                        false,
                        new GeneralName(GeneralName.rfc822Name, EMAIL),
                        new GeneralName(GeneralName.dNSName, "host.example.com"))
                .extension(V1, false, ISSUER.getBytes(StandardCharsets.UTF_8));
    }

    private CertifiedKey fulcio(CertificateMint.Minted leaf, Optional<byte[]> chain, Instant at)
            throws SignatureRejectedException, java.security.cert.CertificateException {
        return new FulcioTrust(List.of(root.certificate()), ISSUER, EMAIL).verify(leaf.pem(), chain, at);
    }

    private CertifiedKey pki(byte[] leaf, String host) throws SignatureRejectedException {
        return new PkiTrust(
                        List.of(root.certificate()),
                        List.of(between.certificate()),
                        Optional.empty(),
                        Optional.of(host))
                .verify(leaf, Optional.empty(), NOW);
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable verification, String words) {
        assertThatExceptionOfType(SignatureRejectedException.class)
                .isThrownBy(verification)
                .withMessageContaining(words)
                .satisfies(e -> assertThat(e.check()).isEqualTo(SignatureCheck.CERTIFICATE));
    }

    private static byte[] pems(CertificateMint.Minted... certificates) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (CertificateMint.Minted certificate : certificates) {
            out.writeBytes(certificate.pem());
        }
        return out.toByteArray();
    }

    @Test
    void verify_chainBesideTheSignature_itsKeyAndItsIds() throws Exception {
        CertificateMint.Minted leaf = leaf().by(between);
        CertifiedKey certified = fulcio(leaf, Optional.of(pems(between, root)), NOW);
        assertThat(certified.key().publicKey()).isEqualTo(leaf.key().pair().getPublic());
        assertThat(certified.path().keyIds())
                .containsExactlyInAnyOrder(
                        CertificatePath.keyId(leaf.certificate()),
                        CertificatePath.keyId(between.certificate()),
                        CertificatePath.keyId(root.certificate()));
    }

    @Test
    void verify_lastOfTheChain_isNoIntermediate() throws Exception {
        CertificateMint.Minted leaf = leaf().by(between);
        refused(() -> fulcio(leaf, Optional.of(pems(between)), NOW), "no valid chain");
        refused(() -> fulcio(leaf, Optional.empty(), NOW), "no valid chain");
    }

    @Test
    void verify_rootOfTheChain_isNotTrusted() throws Exception {
        CertificateMint.Minted foreign = CertificateMint.root("CN=root");
        CertificateMint.Minted leaf = leaf().by(foreign);
        refused(() -> fulcio(leaf, Optional.of(pems(foreign, foreign)), NOW), "no valid chain");
    }

    @Test
    void verify_leafAsAuthority_refused() throws Exception {
        CertificateMint.Minted ordinary = leaf().by(root);
        CertificateMint.Minted below = leaf().by(ordinary);
        refused(() -> fulcio(below, Optional.of(pems(ordinary, root)), NOW), "no valid chain");
    }

    @Test
    void verify_outsideItsTime_refused() throws Exception {
        Instant from = Instant.parse("2026-05-01T00:00:00Z");
        Instant to = Instant.parse("2026-05-01T00:10:00Z");
        CertificateMint.Minted leaf = leaf().valid(from, to).by(root);
        assertThat(fulcio(leaf, Optional.empty(), from)).isNotNull();
        assertThat(fulcio(leaf, Optional.empty(), to)).isNotNull();
        refused(() -> fulcio(leaf, Optional.empty(), from.minusSeconds(1)), "no valid chain");
        refused(() -> fulcio(leaf, Optional.empty(), to.plusSeconds(1)), "no valid chain");
    }

    @Test
    void verify_rootOutsideItsTime_refused() throws Exception {
        Instant late = Instant.parse("2100-01-01T00:00:00Z");
        CertificateMint.Minted leaf = leaf().valid(NOW, late.plusSeconds(9)).by(root);
        refused(() -> fulcio(leaf, Optional.empty(), late), "NotAfter");
    }

    /** Of two roots with one name and key the one that is valid counts, wherever it stands. */
    @Test
    void verify_olderRootsOfTheSameKey_theValidOneCounts() throws Exception {
        List<X509Certificate> roots = new ArrayList<>();
        for (int year = 2010; year < 2026; year++) {
            roots.add(CertificateMint.root("CN=root", root.key())
                    .authority(9)
                    .serial(year)
                    .valid(Instant.parse(year + "-01-01T00:00:00Z"), Instant.parse(year + "-12-31T00:00:00Z"))
                    .bySelf()
                    .certificate());
        }
        roots.add(root.certificate());
        CertificateMint.Minted leaf = leaf().by(root);
        assertThat(new FulcioTrust(roots, ISSUER, EMAIL).verify(leaf.pem(), Optional.empty(), NOW))
                .isNotNull();
    }

    private static void byRoot(CertificateMint.Minted limited, CertificateMint.Minted leaf, byte[] chain)
            throws Exception {
        new FulcioTrust(List.of(limited.certificate()), ISSUER, EMAIL).verify(leaf.pem(), Optional.of(chain), NOW);
    }

    @Test
    void verify_moreBetweenThanTheRootAllows_refused() throws Exception {
        CertificateMint.Minted limited =
                CertificateMint.root("CN=limited", root.key()).authority(0).bySelf();
        CertificateMint.Minted below = CertificateMint.authority("CN=below", limited);
        CertificateMint.Minted direct = leaf().by(limited);
        byRoot(limited, direct, new byte[0]);
        CertificateMint.Minted leaf = leaf().by(below);
        refused(() -> byRoot(limited, leaf, pems(below, limited)), "lets 0 certificates stand between");
    }

    @ParameterizedTest
    @CsvSource({"example.com, true", "example.org, false"})
    void verify_namesThatTheRootLimits_onlyThose(String domain, boolean taken) throws Exception {
        byte[] constraints = new NameConstraints(
                        new GeneralSubtree[] {
                            new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, domain)),
                            new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain))
                        },
                        null)
                .getEncoded();
        CertificateMint.Minted limited = CertificateMint.root("CN=limited", root.key())
                .authority(3)
                .extension("2.5.29.30", true, constraints)
                .bySelf();
        CertificateMint.Minted leaf = leaf().by(limited);
        if (taken) {
            byRoot(limited, leaf, new byte[0]);
        } else {
            refused(() -> byRoot(limited, leaf, new byte[0]), "name constraints");
        }
    }

    /** Eight of each name and key, seven names deep: eight to the seventh chains, none of which leads anywhere. */
    @Test
    void verify_intermediatesThatForkAtEveryStep_theSearchEnds() throws Exception {
        List<CertificateMint.Minted> names = new ArrayList<>();
        for (int depth = 0; depth <= 7; depth++) {
            names.add(CertificateMint.root("CN=" + depth));
        }
        List<CertificateMint.Minted> chain = new ArrayList<>();
        for (int depth = 0; depth < 7; depth++) {
            for (int serial = 1; serial <= 8; serial++) {
                chain.add(CertificateMint.root("CN=" + depth, names.get(depth).key())
                        .authority(60)
                        .serial(serial)
                        .by(names.get(depth + 1)));
            }
        }
        chain.add(root);
        CertificateMint.Minted leaf = leaf().by(names.getFirst());
        byte[] pems = pems(chain.toArray(CertificateMint.Minted[]::new));
        refused(() -> fulcio(leaf, Optional.of(pems), NOW), "certificates that were tried");
    }

    @Test
    void verify_issuerThatIsNoUtf8_refused() throws Exception {
        CertificateMint.Minted leaf = CertificateMint.leaf("CN=leaf")
                .names(false, new GeneralName(GeneralName.rfc822Name, EMAIL))
                .extension("1.3.6.1.4.1.57264.1.8", false, new byte[] {12, 2, (byte) 0xc3, (byte) 0x28})
                .by(root);
        refused(() -> fulcio(leaf, Optional.empty(), NOW), "issuer is not UTF-8");
    }

    @Test
    void verify_otherUse_refused() throws Exception {
        CertificateMint.Minted server =
                leaf().usage(KeyPurposeId.id_kp_serverAuth).by(root);
        refused(() -> fulcio(server, Optional.empty(), NOW), "1.3.6.1.5.5.7.3.3");
        CertificateMint.Minted agreement =
                leaf().keyUsage(KeyUsage.keyAgreement).by(root);
        refused(() -> fulcio(agreement, Optional.empty(), NOW), "not for digital signatures");
        CertificateMint.Minted code =
                leaf().usage(KeyPurposeId.id_kp_codeSigning).by(root);
        assertThat(fulcio(code, Optional.empty(), NOW)).isNotNull();
    }

    @Test
    void verify_notOneCertificate_refused() throws Exception {
        CertificateMint.Minted leaf = leaf().by(between);
        refused(() -> pki(pems(leaf, leaf), "host.example.com"), "got 2 PEM blocks");
        refused(() -> pki(new byte[0], "host.example.com"), "no PEM block");
        refused(() -> pki(SigningKey.pem("CERTIFICATE", new byte[] {1}), "host.example.com"), "certificate");
        refused(() -> pki(leaf.key().pem(), "host.example.com"), "PUBLIC KEY");
    }

    @Test
    void verify_emailOfAnotherCase_refused() throws Exception {
        CertificateMint.Minted leaf = CertificateMint.leaf("CN=leaf")
                .names(false, new GeneralName(GeneralName.rfc822Name, "User@example.com"))
                .extension(V1, false, ISSUER.getBytes(StandardCharsets.UTF_8))
                .by(root);
        refused(() -> fulcio(leaf, Optional.empty(), NOW), "User@example.com");
    }

    @ParameterizedTest
    @CsvSource({
        "host.example.com, host.example.com, true",
        "HOST.example.com, host.EXAMPLE.com, true",
        "host.example.com, host.example.com., true",
        "*.example.com, host.example.com, true",
        "*.example.com, example.com, false",
        "*.example.com, a.host.example.com, false",
        "*.example.com, .example.com, false",
        "h*.example.com, host.example.com, false",
        "*, example, false",
        "*., host., false",
        "*.*.com, host.example.com, false",
        "'', host, false",
        "other.example.com, host.example.com, false"
    })
    void matches_name_asRfc6125(String pattern, String host, boolean expected) {
        assertThat(PkiTrust.matches(pattern, host)).isEqualTo(expected);
    }

    @Test
    void pki_nobodyAskedFor_cannotBeMade() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> new PkiTrust(List.of(), List.of(), Optional.empty(), Optional.empty()));
    }
}
