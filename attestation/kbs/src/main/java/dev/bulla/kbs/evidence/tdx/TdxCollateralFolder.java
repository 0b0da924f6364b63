package dev.bulla.kbs.evidence.tdx;

import static java.util.Objects.requireNonNull;

import dev.bulla.kbs.evidence.EvidenceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Collateral in files: a folder for each FMSPC, such as {@code 00a06d080000}, in which lie
 *
 * <ul>
 *   <li>{@value #TCB_INFO} and {@value #TCB_INFO_CHAIN},
 *   <li>{@value #QE_IDENTITY} and {@value #QE_IDENTITY_CHAIN},
 *   <li>{@value #PCK_CRL} and {@value #ROOT_CRL}.
 * </ul>
 *
 * <p>The files are read anew for each quote, so that an operator may replace them. A platform without a folder has no collateral;
 * one whose folder lacks a file is refused.
 */
public final class TdxCollateralFolder implements TdxCollateralSource {
    static final String TCB_INFO = "tcb-info.json";
    static final String TCB_INFO_CHAIN = "tcb-info-chain.pem";
    static final String QE_IDENTITY = "qe-identity.json";
    static final String QE_IDENTITY_CHAIN = "qe-identity-chain.pem";
    static final String PCK_CRL = "pck.crl";
    static final String ROOT_CRL = "root.crl";

    private final Path folder;

    public TdxCollateralFolder(Path folder) {
        this.folder = requireNonNull(folder, "folder is null");
    }

    @Override
    public Optional<TdxCollateral> of(String fmspc) throws EvidenceException {
        Path platform = folder.resolve(fmspc);
        if (!Files.exists(platform)) {
            return Optional.empty();
        }
        return Optional.of(new TdxCollateral(
                required(platform.resolve(TCB_INFO), TdxCollateral.MAX_DOCUMENT_BYTES),
                required(platform.resolve(TCB_INFO_CHAIN), CertificateChain.MAX_BYTES),
                required(platform.resolve(QE_IDENTITY), TdxCollateral.MAX_DOCUMENT_BYTES),
                required(platform.resolve(QE_IDENTITY_CHAIN), CertificateChain.MAX_BYTES),
                Optional.of(required(platform.resolve(PCK_CRL), TdxCollateral.MAX_CRL_BYTES)),
                Optional.of(required(platform.resolve(ROOT_CRL), TdxCollateral.MAX_CRL_BYTES))));
    }

    private static byte[] required(Path file, int most) throws EvidenceException {
        return read(file, most)
                .orElseThrow(() -> new EvidenceException("TDX collateral: " + file.getFileName() + " is missing"));
    }

    private static Optional<byte[]> read(Path file, int most) throws EvidenceException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new EvidenceException(
                        "TDX collateral: " + file.getFileName() + " has more than " + most + " bytes");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new EvidenceException("TDX collateral: " + file.getFileName() + " cannot be read", e);
        }
    }
}
