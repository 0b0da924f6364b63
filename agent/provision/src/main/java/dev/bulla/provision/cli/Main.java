package dev.bulla.provision.cli;

import java.util.List;
import java.util.Map;

/** The tenant's and developer's program: the guest's commands and those of this room. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command line and gives its exit code. */
    static int run(String... args) {
        return dev.bulla.guest.cli.Main.run(
                args,
                List.of(
                        new EncryptCommand(),
                        new SignCommand(),
                        new SealCommand(),
                        new PushCommand(),
                        new KbsCommand(),
                        new KbsClientCommand(),
                        new QuickstartCommand()),
                Map.of(
                        "fsverity", List.of(new FsveritySignCommand()),
                        "image-signature", List.of(new ImageSignatureSignCommand()),
                        "policy", List.of(new PolicyGenerateCommand()),
                        "secret", List.of(new SecretSealCommand(), new SecretKeygenCommand())));
    }
}
