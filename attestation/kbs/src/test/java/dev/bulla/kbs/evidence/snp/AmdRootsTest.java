package dev.bulla.kbs.evidence.snp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.snp.SnpProduct;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AmdRootsTest {

    @ParameterizedTest
    @EnumSource
    void pinned_everyProduct_isThereAndConsistent(SnpProduct product) throws Exception {
        AmdRoots.Authorities pinned = AmdRoots.pinned().of(product).orElseThrow();
        assertThat(pinned.ark().getSubjectX500Principal().getName()).contains("CN=ARK-" + product.amdName() + ",");
        assertThat(pinned.ask().getSubjectX500Principal().getName()).contains("CN=SEV-" + product.amdName() + ",");
        assertThat(pinned.asvk().getSubjectX500Principal().getName())
                .contains("CN=SEV-VLEK-" + product.amdName() + ",");
        pinned.ark().verify(pinned.ark().getPublicKey());
        pinned.ask().verify(pinned.ark().getPublicKey());
        pinned.asvk().verify(pinned.ark().getPublicKey());
    }
}
