package dev.bulla.kbs.evidence.tdx;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonObject;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * Verifies quotes: the certificates to Intel's root, the PCK's signature over the quoting enclave's report, that the report is
 * of Intel's enclave and of the attestation key, and the key's signature over the quote. Then the platform's TCB is judged by
 * the operator's collateral, or is {@code Unknown}.
 */
final class QuoteVerifier {
    private static final String CHAIN = "PCK chain";

    private final InstantSource clock;
    private final TdxCollateralSource collateral;
    private final X509Certificate root;

    QuoteVerifier(InstantSource clock, TdxCollateralSource collateral, X509Certificate root) {
        this.clock = requireNonNull(clock, "clock is null");
        this.collateral = requireNonNull(collateral, "collateral is null");
        this.root = requireNonNull(root, "root is null");
    }

    /**
     * Verifies a quote.
     *
     * @throws EvidenceException when it is not a genuine quote of a TD
     */
    VerifiedQuote verify(byte[] bytes) throws EvidenceException {
        Instant now = clock.instant();
        TdxQuote quote = TdxQuote.parse(bytes);
        CertificateChain chain = CertificateChain.verify(quote.pckChain(), root, now, CHAIN);
        chain.requireLeaf(IntelRoot.PCK, CHAIN);
        X500Principal issuer = chain.issuer().getSubjectX500Principal();
        if (chain.path().size() != 2
                || !List.of(IntelRoot.PCK_PLATFORM_CA, IntelRoot.PCK_PROCESSOR_CA)
                        .contains(issuer)) {
            throw new EvidenceException(CHAIN + ": the issuer is neither the PCK Platform CA nor the PCK Processor CA");
        }
        PckExtension platform = PckExtension.of(chain.leaf());
        boolean platformCa = issuer.equals(IntelRoot.PCK_PLATFORM_CA);
        if (platform.platformInstanceId().isPresent() != platformCa
                || platform.configuration().isPresent() != platformCa) {
            throw new EvidenceException(
                    CHAIN
                            + ": a platform instance and a configuration are in certificates of the Platform CA, and only there");
        }

        verify(chain.leaf().getPublicKey(), quote.qeReport().bytes(), quote.qeSignature(), "QE report");
        requireKeyOfReport(quote);
        verify(attestationKey(quote), quote.signed(), quote.signature(), "quote");

        JsonObject.Builder claims = JsonObject.builder();
        claimPlatform(claims, platform);
        Optional<TdxCollateral> supplied = collateral.of(HexFormat.of().formatHex(platform.fmspc()));
        if (supplied.isPresent()) {
            VerifiedCollateral.verify(supplied.get(), chain, now)
                    .judge(quote, platform)
                    .members()
                    .forEach(claims::put);
        } else {
            QeIdentity.INTEL_TD_QE.require(quote.qeReport());
            requireIntelModule(quote);
            claims.put("tcb_status", "Unknown");
        }
        return new VerifiedQuote(quote, platform, claims.build());
    }

    private static void verify(PublicKey key, byte[] signed, byte[] signature, String what) throws EvidenceException {
        try {
            P256.verify(key, signed, signature);
        } catch (GeneralSecurityException e) {
            throw new EvidenceException("TDX quote: the signature of the " + what + " does not verify", e);
        }
    }

    /** The quoting enclave vouches for the attestation key by its report data: the key's hash, and zeros. */
    private static void requireKeyOfReport(TdxQuote quote) throws EvidenceException {
        byte[] both = Arrays.copyOf(quote.attestationKey(), quote.attestationKey().length + quote.authData().length);
        System.arraycopy(quote.authData(), 0, both, quote.attestationKey().length, quote.authData().length);
        byte[] expected = Arrays.copyOf(
                HashAlgorithm.SHA256.digest(both), quote.qeReport().reportData().length);
        if (!MessageDigest.isEqual(expected, quote.qeReport().reportData())) {
            throw new EvidenceException("TDX quote: the QE report is not of this attestation key");
        }
    }

    private static PublicKey attestationKey(TdxQuote quote) throws EvidenceException {
        try {
            return P256.key(quote.attestationKey());
        } catch (GeneralSecurityException e) {
            throw new EvidenceException("TDX quote: the attestation key is no key", e);
        }
    }

    /** Without collateral only Intel's own TDX module is known: no signer and no attributes. */
    private static void requireIntelModule(TdxQuote quote) throws EvidenceException {
        for (TdField field : List.of(TdField.MRSIGNER_SEAM, TdField.SEAM_ATTRIBUTES)) {
            byte[] value = quote.field(field);
            if (!Arrays.equals(value, new byte[value.length])) {
                throw new EvidenceException(
                        "TDX quote: " + field.claim() + " is not zero, as that of Intel's TDX module is");
            }
        }
    }

    private void claimPlatform(JsonObject.Builder claims, PckExtension platform) {
        HexFormat hex = HexFormat.of();
        claims.put("platform_provider_id", hex.formatHex(platform.ppid()));
        claims.put(
                "sgx_type",
                switch (platform.sgxType()) {
                    case 0 -> "Standard";
                    case 1 -> "Scalable";
                    default -> "Scalable with Integrity";
                });
        platform.configuration()
                .ifPresent(configuration -> claims.put("is_dynamic_platform", configuration.dynamicPlatform())
                        .put("is_cached_keys", configuration.cachedKeys())
                        .put("is_smt_enabled", configuration.smtEnabled()));
        claims.put("root_key_id", hex.formatHex(HashAlgorithm.SHA384.digest(P256.uncompressed((ECPublicKey)
                root.getPublicKey()))));
    }
}
