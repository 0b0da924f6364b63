package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.kbs.evidence.EvidenceException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TdxCollateralFolderTest {
    @TempDir
    private Path folder;

    private Path platform;

    @BeforeEach
    void files() throws Exception {
        platform = Files.createDirectory(folder.resolve(SyntheticIntel.FMSPC));
        Files.writeString(platform.resolve(TdxCollateralFolder.TCB_INFO), "a");
        Files.writeString(platform.resolve(TdxCollateralFolder.TCB_INFO_CHAIN), "b");
        Files.writeString(platform.resolve(TdxCollateralFolder.QE_IDENTITY), "c");
        Files.writeString(platform.resolve(TdxCollateralFolder.QE_IDENTITY_CHAIN), "d");
        Files.writeString(platform.resolve(TdxCollateralFolder.PCK_CRL), "e");
        Files.writeString(platform.resolve(TdxCollateralFolder.ROOT_CRL), "f");
    }

    private TdxCollateral read() throws EvidenceException {
        return new TdxCollateralFolder(folder).of(SyntheticIntel.FMSPC).orElseThrow();
    }

    @Test
    void of_files_read() throws Exception {
        TdxCollateral collateral = read();
        assertThat(collateral.tcbInfo()).asString().isEqualTo("a");
        assertThat(collateral.tcbInfoChain()).asString().isEqualTo("b");
        assertThat(collateral.qeIdentity()).asString().isEqualTo("c");
        assertThat(collateral.qeIdentityChain()).asString().isEqualTo("d");
        assertThat(collateral.pckCrl().orElseThrow()).asString().isEqualTo("e");
        assertThat(collateral.rootCrl().orElseThrow()).asString().isEqualTo("f");
    }

    @Test
    void of_platformWithoutFolder_none() throws Exception {
        assertThat(new TdxCollateralFolder(folder).of("000000000000")).isEmpty();
    }

    /** Without the lists a revoked platform would pass for a current one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcb-info.json",
                "tcb-info-chain.pem",
                "qe-identity.json",
                "qe-identity-chain.pem",
                "pck.crl",
                "root.crl"
            })
    void of_missingFile_refused(String file) throws Exception {
        Files.delete(platform.resolve(file));
        assertThatThrownBy(this::read).isInstanceOf(EvidenceException.class).hasMessageContaining(file + " is missing");
    }

    @Test
    void of_limit_atAndOver() throws Exception {
        Path chain = platform.resolve(TdxCollateralFolder.TCB_INFO_CHAIN);
        Files.write(chain, new byte[CertificateChain.MAX_BYTES]);
        assertThat(read().tcbInfoChain()).hasSize(CertificateChain.MAX_BYTES);
        Files.write(chain, new byte[CertificateChain.MAX_BYTES + 1]);
        assertThatThrownBy(this::read).hasMessageContaining("more than " + CertificateChain.MAX_BYTES);
    }

    @Test
    void of_fileThatCannotBeRead_refused() throws Exception {
        Files.delete(platform.resolve(TdxCollateralFolder.PCK_CRL));
        Files.createDirectory(platform.resolve(TdxCollateralFolder.PCK_CRL));
        assertThatThrownBy(this::read)
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("pck.crl cannot be read");
    }
}
