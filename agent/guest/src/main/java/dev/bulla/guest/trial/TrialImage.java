package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.pull.ImageName;
import dev.bulla.policy.LayerEncryption;
import dev.bulla.registry.LookasideConfiguration;
import dev.bulla.registry.RegistryOptions;
import java.nio.file.Path;
import java.util.List;

/** Where an image's documents and signatures are, that is judged and not pulled. */
public sealed interface TrialImage {

    /**
     * In a layout on disk.
     *
     * @param layout the layout and the tag
     */
    record InLayout(ImageName.Layout layout) implements TrialImage {
        public InLayout {
            requireNonNull(layout, "layout is null");
        }
    }

    /**
     * In files.
     *
     * @param manifest the image manifest
     * @param signatures its signatures
     */
    record InFiles(Path manifest, List<Path> signatures) implements TrialImage {
        public InFiles {
            requireNonNull(manifest, "manifest is null");
            signatures = List.copyOf(signatures);
        }
    }

    /**
     * In the registry that its name says, which is asked.
     *
     * @param options how
     * @param lookaside the stores of signatures beside registries
     */
    record InRegistry(RegistryOptions options, LookasideConfiguration lookaside) implements TrialImage {
        public InRegistry {
            requireNonNull(options, "options is null");
            requireNonNull(lookaside, "lookaside is null");
        }
    }

    /**
     * Nowhere: an image that nobody signed.
     *
     * @param encryption how many of its two layers are encrypted
     */
    record MadeUp(LayerEncryption encryption) implements TrialImage {
        public MadeUp {
            requireNonNull(encryption, "encryption is null");
        }
    }
}
