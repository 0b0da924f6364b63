package dev.bulla.attestation.client.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.client.KbsConfigurationException;

/** Whatever stands in the file, it is read or refused. */
class AttestationAgentConfigFuzzTest {

    @FuzzTest
    void toml(byte[] input) {
        try {
            AttestationAgentConfig.fromToml(input);
        } catch (KbsConfigurationException e) {
            // refused
        }
    }

    @FuzzTest
    void json(byte[] input) {
        try {
            AttestationAgentConfig.fromJson(input);
        } catch (KbsConfigurationException e) {
            // refused
        }
    }
}
