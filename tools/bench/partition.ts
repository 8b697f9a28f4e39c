/** The system in which an image of guests/bench runs as a partition: the virt board with it alone. */
import { resolve } from 'node:path';

export const partitionSystem = (elf: string): string => `#include "${resolve('boards/virt/board.dts')}"
/ {
    chosen {
        #address-cells = <2>;
        #size-cells = <2>;

        bench {
            compatible = "xen,domain";
            #address-cells = <2>;
            #size-cells = <2>;
            cpus = <1>;
            memory = <0x0 1024>;
            vpl011;

            module@0 {
                compatible = "multiboot,kernel", "multiboot,module";
                partita,image = "${elf}";
            };
        };
    };
};
`;
