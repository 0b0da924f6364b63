package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class RepositoryMetadataFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void parse_anyBytes_refusesOrRoundTrips(byte[] bytes) throws RepositoryMetadataException {
        RepositoryMetadata metadata;
        try {
            metadata = RepositoryMetadata.parse(bytes);
        } catch (RepositoryMetadataException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
            return;
        }
        assertThat(RepositoryMetadata.parse(metadata.toJson())).isEqualTo(metadata);
    }
}
