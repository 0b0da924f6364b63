package dev.bulla.kbs.config;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.HardwareEvidence;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.evidence.tdx.TdxCollateralFolder;
import dev.bulla.kbs.evidence.tdx.TdxCollateralSource;
import dev.bulla.kbs.evidence.tpm.TpmVerifier;
import dev.bulla.kbs.token.PemText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whose evidence is verified: hardware's always, a TPM's where its trusted keys are named.
 *
 * @param tdxCollateral the folder of Intel's collateral
 * @param tpmKeys which TPM keys are trusted
 */
record VerifierSettings(Optional<Path> tdxCollateral, Optional<KbsConfig.TpmKeys> tpmKeys) {

    void apply(EmbeddedKbs.Builder builder, InstantSource time) throws KbsException {
        TdxCollateralSource collateral =
                tdxCollateral.isPresent() ? new TdxCollateralFolder(tdxCollateral.get()) : TdxCollateralSource.NONE;
        HardwareEvidence.verifiers(time, collateral).forEach(builder::verifier);
        if (tpmKeys.isPresent()) {
            builder.verifier(TpmVerifier.trusting(keys(tpmKeys.get())));
        }
    }

    /** The public keys in the folder's files, PEM; an empty folder trusts none. */
    private static Set<PublicKey> keys(KbsConfig.TpmKeys from) throws KbsException {
        List<Path> files;
        try (Stream<Path> all = Files.list(from.folder())) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new KbsException("trusted TPM keys: " + from.folder() + " cannot be listed", e);
        }
        if (files.size() > from.most()) {
            throw new KbsException("trusted TPM keys: " + files.size() + " files in " + from.folder()
                    + ", the configuration allows " + from.most());
        }
        Set<PublicKey> keys = new LinkedHashSet<>();
        for (Path file : files) {
            try {
                keys.add(PemText.publicKey(Settings.read(file)));
            } catch (KbsProtocolException e) {
                throw new KbsException("trusted TPM keys: " + file + ": " + e.getMessage(), e);
            }
        }
        return keys;
    }
}
