package dev.bulla.provision.cli;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code bulla kbs-client attest}: attests and prints the token. */
@Command(name = "attest", description = "Attest, and print the attestation token.")
final class KbsClientAttestCommand extends ToolCommand {
    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsClientCommand client;

    @Mixin
    private KbsClientEvidence evidence = new KbsClientEvidence();

    @Override
    boolean run() throws Exception {
        try (KbsClient kbs = evidence.open(client)) {
            out().println(kbs.token().token());
            return true;
        } catch (AttestationException e) {
            throw attestationFailed(e);
        }
    }
}
