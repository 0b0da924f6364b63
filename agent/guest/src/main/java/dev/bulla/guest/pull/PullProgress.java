package dev.bulla.guest.pull;

import dev.bulla.oci.Descriptor;
import java.util.List;

/** Hears of a pull's progress, from several threads. */
public interface PullProgress {
    /** Hears nothing. */
    PullProgress NONE = new PullProgress() {
        @Override
        public void step(String what) {}

        @Override
        public void layers(List<Descriptor> layers) {}

        @Override
        public void layerRead(int layer, long bytes) {}

        @Override
        public void layerDone(int layer) {}

        @Override
        public void end() {}
    };

    /** A step began; {@code what} is a line for people. */
    void step(String what);

    /** The layers that will be fetched, in order; their place is their number from now on. */
    void layers(List<Descriptor> layers);

    /** More bytes of a layer's blob were read. */
    void layerRead(int layer, long bytes);

    /** A layer was read and unpacked. */
    void layerDone(int layer);

    /** Nothing more will come, whether the pull succeeded or not. */
    void end();
}
